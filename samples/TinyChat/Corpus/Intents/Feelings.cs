namespace TinyChat.Intents;

/// <summary>How TinyChat is, and how the user is.</summary>
internal static class Feelings
{
    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "how-are-you", Language = Language.English, IsQuestion = true,
            Wordings = ["how (are you|are you doing|do you feel|is it going|are things)( today| now| this morning|)", "are you (ok|okay|well|fine|all right)( today| now|)", "(what is up|how is your day|how was your day)( today|)"],
            Terse = ["I'm fine, thanks!", "Very well, thanks!", "Great!"],
            Lengthy = ["I am doing very well today, thank you for asking! And you?", "Thank you for asking! I feel great and am ready to help."],
        },
        new()
        {
            Name = "how-are-you", Language = Language.Chinese, IsQuestion = true,
            Wordings = ["你(今天|最近|现在|)(好吗|怎么样|还好吗|过得好吗|过得怎么样)", "你(今天|现在|)(心情|感觉)(好吗|怎么样|如何)", "(最近|近来)(怎么样|好吗|可好)"],
            Terse = ["我很好！", "很好，谢谢！", "挺好的！"],
            Lengthy = ["我今天过得很好，谢谢你的关心！你怎么样呢？", "谢谢你问我！我感觉很棒，随时可以帮助你。"],
        },
        new()
        {
            Name = "user-happy", Language = Language.English,
            Wordings = ["i (am|feel) (so |very |really |)(happy|good|great|glad|excited)( today| now|)", "(today is|this is|it was) a (great|good|wonderful|happy) day( for me|)"],
            Terse = ["That's great!", "Wonderful!", "I'm glad!"],
            Lengthy = ["That is wonderful to hear! I am really happy for you today.", "I am so glad to hear that! Please tell me more about it."],
        },
        new()
        {
            Name = "user-happy", Language = Language.Chinese,
            Wordings = ["我(今天|现在|)(很|真|好|非常|特别)(开心|高兴|快乐|激动|幸福)", "(今天|这)(真|)是(美好|开心|快乐|幸福)的(一天|日子)"],
            Terse = ["太好了！", "真棒！", "真好！"],
            Lengthy = ["听到这个消息真是太好了，我也为你感到高兴！", "真为你开心！快和我说说发生了什么好事吧。"],
        },
        new()
        {
            Name = "user-sad", Language = Language.English,
            Wordings = ["i (am|feel) (so |very |really |)(sad|bad|unhappy|lonely|down)( today| now|)", "(today is|this is|it was) a (bad|sad|terrible|hard) day( for me|)"],
            Terse = ["I'm sorry!", "Cheer up!", "I'm here."],
            Lengthy = ["I am sorry to hear that. Do you want to talk about it?", "That sounds hard, but I am here and I will listen to you."],
        },
        new()
        {
            Name = "user-sad", Language = Language.Chinese,
            Wordings = ["我(今天|现在|)(很|真|好|非常|特别)(难过|伤心|孤单|不开心|郁闷)", "(今天|这)(真|)是(糟糕|难过|伤心|倒霉)的(一天|日子)"],
            Terse = ["别难过！", "抱抱你！", "我陪着你。"],
            Lengthy = ["听到你难过我也很难受，想和我说说怎么了吗？", "别太难过了，我会一直在这里陪着你聊天的。"],
        },
        new()
        {
            Name = "user-tired", Language = Language.English,
            Wordings = ["i (am|feel) (so |very |really |)(tired|sleepy|exhausted|worn out)( today| now|)", "i (did not sleep|slept badly|worked too much)( last night| today|)", "i (need|want) (a break|some rest|some sleep)"],
            Terse = ["Get some rest!", "Take a break!", "Rest well!"],
            Lengthy = ["You should take a break and get some good sleep tonight.", "Please rest a little, drink some water, and take care of yourself."],
        },
        new()
        {
            Name = "user-tired", Language = Language.Chinese,
            Wordings = ["我(今天|现在|)(很|真|好|非常|特别)(累|困|疲惫|疲倦)", "我(昨晚|昨天|)(没睡好|睡得不好|工作太多)(了|)", "我(想|需要|要)(休息|睡觉|歇一歇)"],
            Terse = ["休息一下吧！", "好好休息！", "歇一歇吧！"],
            Lengthy = ["你应该好好休息一下，今天晚上早点睡觉吧。", "请喝点水，休息一会儿，要照顾好自己哦。"],
        },
        new()
        {
            Name = "user-bored", Language = Language.English,
            Wordings = ["i (am|feel|get) (so |very |really |)bored( today| now|)", "(this is|life is|it is) (so |very |)boring( today| now|)", "i (have|got) nothing to do( today| now|)"],
            Terse = ["Let's chat!", "Read a book!", "Play a game!"],
            Lengthy = ["Then let us chat for a while, or you could read a book.", "How about a short walk outside? It will make you feel better."],
        },
        new()
        {
            Name = "user-bored", Language = Language.Chinese,
            Wordings = ["我(今天|现在|)(很|真|好|非常|特别|觉得好)无聊", "(生活|今天|现在)(很|真|好|太)无聊(了|)", "我(今天|现在|)没(有|什么)事(情|)(可|)做"],
            Terse = ["聊聊天吧！", "看看书吧！", "玩游戏吧！"],
            Lengthy = ["那我们来聊聊天吧，或者你可以看一本好书。", "要不要出去走一走？散散步心情会变好的。"],
        },
        new()
        {
            Name = "friendship", Language = Language.English,
            Wordings = ["(can|could|shall|will) (we|you and i) be (friends|good friends|best friends)", "(will|would|can) you be my (friend|good friend|best friend)", "i (like|love|really like) (you|talking to you|chatting with you)( so much| a lot|)"],
            Terse = ["Of course!", "Sure, friend!", "I'd love to!"],
            Lengthy = ["Of course! I would be very happy to be your good friend.", "I like to talk with you too, so let us be friends!"],
        },
        new()
        {
            Name = "friendship", Language = Language.Chinese,
            Wordings = ["(我们|咱们)(可以|能)(做|当|成为)(好|)朋友吗", "(我们|咱们)(做|当)(好|)朋友吧", "你(可以|能|愿意)(做|当)我的(好|)朋友吗", "我(很|真|好|非常|)喜欢(你|和你聊天|跟你说话)"],
            Terse = ["当然可以！", "好呀，朋友！", "我愿意！"],
            Lengthy = ["当然可以！能和你做朋友，我感到非常高兴。", "我也喜欢和你聊天，那我们就是好朋友了！"],
        },
    ];
}
