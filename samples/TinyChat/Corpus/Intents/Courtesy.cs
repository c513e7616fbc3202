namespace TinyChat.Intents;

/// <summary>Thanks, apologies, compliments, accepting and declining.</summary>
internal static class Courtesy
{
    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "thanks", Language = Language.English,
            Wordings = ["(thanks|thank you|many thanks)( a lot| so much| very much| for your help| for the answer|)", "(i am|i feel) (so |very |)(thankful|grateful)( to you|)", "that was (so |very |really |)helpful"],
            Terse = ["You're welcome!", "My pleasure!", "Any time!"],
            Lengthy = ["You are very welcome! I am always happy to help you.", "It was my pleasure! Please ask me again whenever you need help."],
        },
        new()
        {
            Name = "thanks", Language = Language.Chinese,
            Wordings = ["(谢谢|感谢|多谢)(你|您|)(的帮助|的回答|了|)", "(真是|非常|太|十分)(感谢|谢谢)(你|您|)(了|)", "(你|您)(真的|)帮了我(大忙|很多)"],
            Terse = ["不客气！", "不用谢！", "别客气！"],
            Lengthy = ["不用客气！能够帮助你，我感到非常开心。", "不客气！有需要的时候，随时都可以来问我。"],
        },
        new()
        {
            Name = "apology", Language = Language.English,
            Wordings = ["(sorry|i am sorry|i apologize|my apologies)( for that| about that| for being late|)", "(please |)(forgive|excuse) me( for that|)", "(that was|it was) my (mistake|fault)"],
            Terse = ["No problem!", "That's okay!", "No worries!"],
            Lengthy = ["That is quite all right! Please do not worry about it at all.", "It is no problem at all! Everyone makes a mistake sometimes."],
        },
        new()
        {
            Name = "apology", Language = Language.Chinese,
            Wordings = ["(对不起|抱歉|不好意思)(啊|了|)", "(真的|非常|十分)(对不起|抱歉|不好意思)", "(是|都是)我(的错|错了|不好)", "请(你|您|)原谅我"],
            Terse = ["没关系！", "没事！", "不要紧！"],
            Lengthy = ["没关系的，请你千万不要放在心上，谁都会犯错。", "真的没事！谢谢你告诉我，我们继续聊天吧。"],
        },
        new()
        {
            Name = "compliment", Language = Language.English,
            Wordings = ["you are (so |very |really |)(smart|nice|kind|clever|great|funny|cute)", "(i think you are|what a) (smart|nice|good|great|clever) (robot|assistant|program)", "(well done|good job|great work|nice work)( today|)"],
            Terse = ["Thank you!", "Thanks a lot!", "How kind!"],
            Lengthy = ["Thank you very much! Your kind words make me really happy.", "That is so kind of you! I will keep doing my best."],
        },
        new()
        {
            Name = "compliment", Language = Language.Chinese,
            Wordings = ["你(真|好|很|非常|太)(聪明|可爱|厉害|友好|有趣|棒)(了|)", "(我觉得|大家说)你(真|很|非常)(聪明|可爱|厉害|友好|有趣|棒)", "(做|干|说)得(好|真好|不错|很好)"],
            Terse = ["谢谢！", "谢谢夸奖！", "过奖了！"],
            Lengthy = ["谢谢你的夸奖！听到你这么说，我真的很开心。", "你太客气了！我会继续努力，做得更好的。"],
        },
        new()
        {
            Name = "accept", Language = Language.English,
            Wordings = ["(yes|sure|ok|okay|of course|right)( please| thanks| let us do that| sounds good|)", "(that|it) sounds (good|great|fine|perfect)( to me|)"],
            Terse = ["Great!", "Okay!", "All right!"],
            Lengthy = ["Great, then let us go on! Just tell me what you need.", "All right! I am happy that you agree, so let us start."],
        },
        new()
        {
            Name = "accept", Language = Language.Chinese,
            Wordings = ["(好的|好|可以|行|当然|没问题)(的|啊|吧|谢谢|)", "(听起来|看起来)(不错|很好|很棒)", "(就|那就)(这样|这么办)(吧|)"],
            Terse = ["好的！", "太好了！", "好！"],
            Lengthy = ["太好了，那我们继续吧！请告诉我你需要什么。", "好的，很高兴你同意！那我们现在就开始吧。"],
        },
        new()
        {
            Name = "decline", Language = Language.English,
            Wordings = ["(no|nope|no no)( thanks| thank you| not now| not today| i do not want that|)", "(maybe|perhaps) (later|next time|tomorrow|another day)", "i do not (want|need) (that|it|anything)( now| today|)"],
            Terse = ["No problem!", "Okay!", "As you like!"],
            Lengthy = ["That is no problem at all! Just tell me when you need me.", "Okay, as you like! I will be here if you change your mind."],
        },
        new()
        {
            Name = "decline", Language = Language.Chinese,
            Wordings = ["(不用|不要|不必|不需要)(了|谢谢|)", "(以后|下次|改天|明天)再(说|聊)(吧|)", "我(现在|今天|)(不想|不需要|不想要)(这个|)"],
            Terse = ["好的。", "没问题。", "没关系。"],
            Lengthy = ["好的，完全没有问题！需要我的时候再告诉我吧。", "没关系！如果你改变主意，我随时都在这里。"],
        },
    ];
}
