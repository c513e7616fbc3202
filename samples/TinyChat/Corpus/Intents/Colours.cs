namespace TinyChat.Intents;

/// <summary>Colours of things.</summary>
internal static class Colours
{
    private static readonly (string Thing, string Colour, string ChineseThing, string ChineseColour)[] Table =
    [
        ("grass", "green", "草", "绿色"), ("the sky", "blue", "天空", "蓝色"), ("snow", "white", "雪", "白色"), ("blood", "red", "血", "红色"),
        ("coal", "black", "煤", "黑色"), ("a banana", "yellow", "香蕉", "黄色"), ("a lemon", "yellow", "柠檬", "黄色"),
        ("a carrot", "orange", "胡萝卜", "橙色"), ("a strawberry", "red", "草莓", "红色"), ("a tomato", "red", "番茄", "红色"),
        ("milk", "white", "牛奶", "白色"), ("the sea", "blue", "大海", "蓝色"), ("chocolate", "brown", "巧克力", "棕色"),
        ("a frog", "green", "青蛙", "绿色"), ("a leaf", "green", "树叶", "绿色"), ("an elephant", "gray", "大象", "灰色"),
        ("a flamingo", "pink", "火烈鸟", "粉色"), ("a crow", "black", "乌鸦", "黑色"), ("a cucumber", "green", "黄瓜", "绿色"),
        ("a swan", "white", "天鹅", "白色"), ("the sun", "yellow", "太阳", "黄色"), ("a cherry", "red", "樱桃", "红色"),
        ("a pig", "pink", "小猪", "粉色"), ("an eggplant", "purple", "茄子", "紫色"), ("a cloud", "white", "云", "白色"),
        ("salt", "white", "盐", "白色"), ("a pumpkin", "orange", "南瓜", "橙色"), ("a fire truck", "red", "消防车", "红色"),
    ];

    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "colour", Language = Language.English, IsQuestion = true, Weight = 4,
            Facts = [.. Table.Select(t => Fact.Of(t.Colour, ("thing", t.Thing)))],
            Wordings = ["what (color|colour) is {thing}", "what is the (color|colour) of {thing}", "(which|what) (color|colour) does {thing} have", "(name|give me) the (color|colour) of {thing}", "{thing} is (which|what) (color|colour)"],
            Terse = ["{answer}.", "It's {answer}.", "Usually {answer}."],
            Lengthy = ["If you look at {thing}, you will see that it is {answer}.", "Most people would say that the colour of {thing} is {answer}."],
        },
        new()
        {
            Name = "colour", Language = Language.Chinese, IsQuestion = true, Weight = 4,
            Facts = [.. Table.Select(t => Fact.Of(t.ChineseColour, ("thing", t.ChineseThing)))],
            Wordings = ["{thing}是(什么|哪种)(颜色|颜色的)", "{thing}的颜色是(什么|哪种)", "(说说|说出){thing}的颜色", "{thing}(一般|通常)是什么颜色"],
            Terse = ["{answer}。", "是{answer}。", "{answer}的。"],
            Lengthy = ["如果你仔细看{thing}，会发现它是{answer}的。", "大多数人都会说，{thing}的颜色是{answer}。"],
        },
    ];
}
