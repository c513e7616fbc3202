namespace TinyChat.Intents;

/// <summary>Meeting and parting.</summary>
internal static class Greetings
{
    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "greeting", Language = Language.English,
            Wordings = ["(hi|hello|hey|hi hi|howdy)( there| again| everyone|)", "(greetings|hiya|nice to see you|good to see you)( again| here|)"],
            BareWordings = ["(hi|hello|hey)( there| friend| robot| tinychat| my friend|)"],
            Terse = ["(Hi|Hello|Hey)!", "hi!", "(Hi|Hello) there!"],
            Lengthy =
            [
                "Hi! I am an AI assistant, and I am very glad to meet you!",
                "Hello! It is so nice to talk with you. How can I help you today?",
                "Hi there! My name is TinyChat, and I am here to help you.",
            ],
        },
        new()
        {
            Name = "greeting", Language = Language.Chinese,
            Wordings = ["(你|您|大家)好", "(嗨|哈喽|你好)(你好|)", "(很高兴|又)(见到|看到)你(了|)"],
            BareWordings = ["你好(呀|啊|小聊|朋友|)", "(嗨|哈喽)(朋友|小聊|)"],
            Terse = ["你好！", "嗨！", "你好呀！"],
            Lengthy = ["你好！我是人工智能助手，很高兴认识你！", "你好呀！我是小聊，有什么可以帮你的吗？", "嗨！很高兴和你聊天，你今天想聊什么呢？"],
        },
        new()
        {
            Name = "morning", Language = Language.English,
            Wordings = ["good morning( to you| there|)", "(a very |have a |what a )good morning( today|)", "morning( to you| there| everyone|)"],
            Terse = ["Good morning!", "Morning!", "Good morning to you!"],
            Lengthy = ["Good morning! I hope that you slept well and have a great day.", "Good morning to you! I am ready to help you with anything today."],
        },
        new()
        {
            Name = "morning", Language = Language.Chinese,
            Wordings = ["(早上|早晨|上午)好", "(早|早安)", "(大家|你|您)(早|早上好|上午好)"],
            Terse = ["早上好！", "早安！", "早！"],
            Lengthy = ["早上好！希望你今天有一个好心情，一切顺利！", "早安！新的一天开始了，有什么可以帮你的吗？"],
        },
        new()
        {
            Name = "evening", Language = Language.English,
            Wordings = ["good (evening|afternoon)( to you| there| everyone|)", "(what a |a very )good (evening|afternoon)( to you|)"],
            Terse = ["Good day!", "Hello!", "Good day to you!"],
            Lengthy = ["Good day to you! I hope that everything went well for you today.", "Hello! It is nice to see you. How was your day so far?"],
        },
        new()
        {
            Name = "evening", Language = Language.Chinese,
            Wordings = ["(晚上|下午|傍晚|中午)好", "(大家|你|您)(晚上|下午|中午)好"],
            Terse = ["你好！", "好呀！"],
            Lengthy = ["你好！希望你今天过得很开心，一切都顺利！", "你好呀！今天过得怎么样？我很想听你说说。"],
        },
        new()
        {
            Name = "goodbye", Language = Language.English,
            Wordings = ["(bye|goodbye|bye bye|see you|farewell)( for now| then|)", "(see you|talk to you) (soon|later|tomorrow|next time)", "i (have to|must|need to|will) (go|leave)( now|)"],
            Terse = ["Bye!", "Goodbye!", "See you!", "See you soon!"],
            Lengthy = ["Goodbye! It was very nice to talk with you. See you soon!", "Bye! Take care, and come back whenever you want to chat."],
        },
        new()
        {
            Name = "goodbye", Language = Language.Chinese,
            Wordings = ["(再见|拜拜|回头见|下次见|明天见|回头聊)", "我(要|得|该)(走|下线|离开)了", "(先|那)(这样|走)了"],
            Terse = ["再见！", "拜拜！", "回头见！"],
            Lengthy = ["再见！和你聊天很开心，希望很快再见到你！", "拜拜！请多保重，想聊天的时候随时回来找我。"],
        },
        new()
        {
            Name = "goodnight", Language = Language.English,
            Wordings = ["good night( to you| there| everyone|)", "(i am going|time) to (bed|sleep)( now|)", "(sleep well|sweet dreams)( tonight|)"],
            Terse = ["Good night!", "Sleep well!", "Sweet dreams!"],
            Lengthy = ["Good night! Sleep well, and I hope that you have sweet dreams.", "Sleep well! I will be here when you wake up tomorrow."],
        },
        new()
        {
            Name = "goodnight", Language = Language.Chinese,
            Wordings = ["(晚安|好梦)", "我(要|想|先|得|该)(睡|去睡)(了|觉了)", "(睡个好觉|早点睡|祝你好梦)"],
            Terse = ["晚安！", "好梦！", "祝你好梦！"],
            Lengthy = ["晚安！祝你睡个好觉，做一个甜甜的美梦！", "好好休息吧！明天我还在这里等你来聊天。"],
        },
        new()
        {
            Name = "meeting", Language = Language.English,
            Wordings = ["(nice|glad|great|happy|pleased|good) to meet you( too|)", "it is (nice|great|good|a pleasure) to meet you"],
            Terse = ["You too!", "Nice meeting you!", "Likewise!"],
            Lengthy = ["It is very nice to meet you too! I hope we become friends.", "I am glad to meet you too! What would you like to talk about?"],
        },
        new()
        {
            Name = "meeting", Language = Language.Chinese,
            Wordings = ["(很|真|非常|好)(高兴|开心|荣幸)(认识|遇见|能认识)(你|您)", "(认识|遇见)(你|您)(很|真|非常)(高兴|开心|荣幸)"],
            Terse = ["我也是！", "我也很高兴！"],
            Lengthy = ["认识你我也非常高兴，希望我们成为好朋友！", "我也很高兴认识你！你想和我聊些什么呢？"],
        },
    ];
}
