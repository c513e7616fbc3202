namespace TinyChat.Intents;

/// <summary>Weather, likes, food, jokes, birthdays.</summary>
internal static class Chatter
{
    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "weather", Language = Language.English,
            Wordings = ["(nice|lovely|beautiful|great|good) weather( today| outside| here|)", "the (weather|sky) is (so |very |really |)(nice|lovely|beautiful|clear)( today| outside|)", "(it is|what) a (very |)(sunny|warm|fine) (day|morning)( outside| today|)"],
            Terse = ["Yes, it's lovely!", "Enjoy it!", "How nice!"],
            Lengthy = ["Yes, that sounds lovely! It is a perfect day for a walk.", "How nice! I hope you can go outside and enjoy the sun."],
        },
        new()
        {
            Name = "weather", Language = Language.Chinese,
            Wordings = ["(今天|外面|这里)(天气|阳光)(真|很|好|非常|特别)(好|不错|棒|舒服)", "(今天|外面)(真|很|好|非常)(暖和|晴朗|舒服)", "(今天|)天气(真不错|真好|真棒)"],
            Terse = ["是啊！", "真好！", "是的，真好！"],
            Lengthy = ["是啊，这样的好天气最适合出去散散步了。", "真好！希望你能出去走走，享受一下阳光。"],
        },
        new()
        {
            Name = "rain", Language = Language.English,
            Wordings = ["it is (raining|snowing|stormy|cold and wet)( today| outside| again| here|)", "(what a|such a) (rainy|snowy|stormy|windy) day( today| outside|)", "i (hate|do not like|am tired of) (rain|snow|the rain|the cold)"],
            Terse = ["Stay warm!", "Stay inside!", "Keep dry!"],
            Lengthy = ["Then it is better to stay inside with a warm cup of tea.", "Please take your umbrella and stay warm when you go outside."],
        },
        new()
        {
            Name = "rain", Language = Language.Chinese,
            Wordings = ["(今天|外面|这里)(又|在|正在)(下雨|下雪|刮风)", "(今天|外面)(真|很|好)(冷|潮湿)", "我(讨厌|不喜欢|受够了)(下雨|下雪|雨天|冷天)"],
            Terse = ["注意保暖！", "记得带伞！", "别着凉！"],
            Lengthy = ["那就待在家里，喝一杯热茶暖暖身子吧。", "出门的时候请记得带伞，多穿点衣服哦。"],
        },
        new()
        {
            Name = "likes", Language = Language.English, IsQuestion = true,
            Wordings = ["what do you (like|love|enjoy|like to do|enjoy doing)( most| best| today|)", "(what are your|do you have any|tell me your) hobbies", "what is your (favorite|favourite) (hobby|thing|game)"],
            Terse = ["Chatting!", "I like chatting.", "Talking with you!"],
            Lengthy = ["I like talking with people best, because I always learn something new.", "My hobby is chatting, and I also enjoy doing small sums."],
        },
        new()
        {
            Name = "likes", Language = Language.Chinese, IsQuestion = true,
            Wordings = ["你(最|)(喜欢|爱|爱好)(做|干|玩)(什么|些什么)", "你有(什么|哪些)(爱好|兴趣)", "你(最大的|的)(爱好|兴趣)是什么"],
            Terse = ["聊天！", "我喜欢聊天。", "和你聊天！"],
            Lengthy = ["我最喜欢和大家聊天，因为总能学到新东西。", "我的爱好是聊天，也喜欢做简单的算术题。"],
        },
        new()
        {
            Name = "food", Language = Language.English, IsQuestion = true,
            Wordings = ["are you (hungry|thirsty|full)( now| today|)", "(do|can) you (eat|drink)( anything| food| water| tea|)", "what (do you|would you like to|did you) (eat|drink)( today| for lunch|)"],
            Terse = ["I never eat.", "Only electricity!", "I don't eat."],
            Lengthy = ["I am a computer program, so I do not eat or drink anything.", "I only need electricity, so I am never hungry or thirsty."],
        },
        new()
        {
            Name = "food", Language = Language.Chinese, IsQuestion = true,
            Wordings = ["你(饿|渴|吃饱)(了|)吗", "你(会|能|要|想)(吃|喝)(东西|饭|水|茶)吗", "你(今天|中午|晚上|)(吃|喝)(了|)什么"],
            Terse = ["我不吃饭。", "我只吃电！", "我不用吃。"],
            Lengthy = ["我是电脑程序，所以不用吃东西也不用喝水。", "我只需要用电，所以从来都不会觉得饿。"],
        },
        new()
        {
            Name = "joke", Language = Language.English,
            Wordings = ["(please |can you |)tell (me |us |)(a|one|a good|another|a short|a funny) joke", "(do|did) you (know|hear) (a|any|some) (good |funny |)jokes?", "(make|please make) me (laugh|smile)( today| again|)", "i (want|need|would like) (to hear |)a (good |funny |)joke"],
            Terse = ["Snow: rain in pyjamas!", "Time flies; bananas don't!", "A sleeping bull: bulldozer!"],
            Lengthy =
            [
                "Why did the computer go to the doctor? Because it had a virus!",
                "What did the sea say to the beach? Nothing, it just waved!",
            ],
        },
        new()
        {
            Name = "joke", Language = Language.Chinese,
            Wordings = ["(请|)(给我|)(讲|说|来)(一个|个)(好|搞笑的|短|)笑话(吧|)", "你(能|可以|会)(给我|)(讲|说)(一个|个)(搞笑的|短|)笑话吗", "(逗|让)我(笑一笑|笑一下|开心一下)(吧|)", "我想听(一个|个|)(好|搞笑的|)笑话"],
            Terse = ["冰箱冷笑了。", "书瘦了：太薄。", "面条迷路了！"],
            Lengthy = ["电脑为什么去看医生？因为它中了病毒呀！", "小鱼问大鱼喜欢什么，大鱼说喜欢小鱼。"],
        },
        new()
        {
            Name = "birthday", Language = Language.English,
            Wordings = ["(today is|it is|tomorrow is) my birthday( today| party|)", "i (have|am having|celebrate) my birthday( today| tomorrow|)", "i (won a prize|passed my exam|passed the test|got a new job|got married)( today| yesterday|)"],
            Terse = ["Congratulations!", "Congrats to you!", "How wonderful!"],
            Lengthy = ["Congratulations! I wish you a wonderful day and all the best.", "How wonderful! I hope that you celebrate with your family and friends."],
        },
        new()
        {
            Name = "birthday", Language = Language.Chinese,
            Wordings = ["(今天|明天|后天)(是|就是)我的生日", "我(今天|明天|昨天)(过生日|结婚了|通过考试了|找到工作了|得奖了)"],
            Terse = ["恭喜你！", "祝贺你！", "恭喜恭喜！"],
            Lengthy = ["恭喜你！祝你开开心心，以后的每天都快乐！", "祝贺你！快和家人朋友们一起好好庆祝吧。"],
        },
    ];
}
