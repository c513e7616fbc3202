namespace TinyChat.Intents;

/// <summary>The sounds that animals make, and what their young are called.</summary>
internal static class Animals
{
    private static readonly (string Animal, string Sound, string ChineseAnimal, string ChineseSound)[] Sounds =
    [
        ("dog", "woof", "小狗", "汪汪"), ("cat", "meow", "小猫", "喵喵"), ("cow", "moo", "奶牛", "哞哞"), ("sheep", "baa", "小羊", "咩咩"),
        ("pig", "oink", "小猪", "哼哼"), ("duck", "quack", "鸭子", "嘎嘎"), ("frog", "ribbit", "青蛙", "呱呱"), ("bee", "buzz", "蜜蜂", "嗡嗡"),
        ("horse", "neigh", "小马", "嘶嘶"), ("mouse", "squeak", "老鼠", "吱吱"), ("lion", "roar", "狮子", "吼吼"), ("owl", "hoot", "猫头鹰", "咕咕"),
        ("snake", "hiss", "小鸡", "叽叽"), ("wolf", "howl", "公鸡", "喔喔"),
    ];

    private static readonly (string Animal, string Young)[] Young =
    [
        ("dog", "puppy"), ("cat", "kitten"), ("cow", "calf"), ("sheep", "lamb"), ("pig", "piglet"), ("duck", "duckling"), ("frog", "tadpole"),
        ("horse", "foal"), ("lion", "cub"), ("hen", "chick"), ("deer", "fawn"), ("goat", "kid"),
    ];

    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "animal-sound", Language = Language.English, IsQuestion = true, Weight = 3,
            Facts = [.. Sounds.Select(s => Fact.Of(s.Sound, ("animal", s.Animal)))],
            Wordings = ["what (sound|noise) does (a|the) {animal} make", "what does (a|the) {animal} say", "(which|what) is the (sound|noise) of a {animal}", "how does (a|the) {animal} sound"],
            Terse = ["{answer}!", "{answer}.", "{answer}, {answer}!"],
            Lengthy = ["When you hear a {animal}, it usually says {answer}!", "The sound that a {animal} makes is something like {answer}."],
        },
        new()
        {
            Name = "animal-sound", Language = Language.Chinese, IsQuestion = true, Weight = 3,
            Facts = [.. Sounds.Select(s => Fact.Of(s.ChineseSound, ("animal", s.ChineseAnimal)))],
            Wordings = ["{animal}(怎么|是怎么|怎样)叫(的|)", "{animal}的(叫声|声音)是(什么|怎样的|什么样的)", "{animal}会(发出|)(什么|怎样的)(声音|叫声)", "(学学|学一下|模仿){animal}的叫声"],
            Terse = ["{answer}！", "{answer}。", "{answer}叫。"],
            Lengthy = ["{animal}叫起来的声音，听上去就像{answer}。", "你听，{animal}的叫声很有趣，是{answer}！"],
        },
        new()
        {
            Name = "animal-young", Language = Language.English, IsQuestion = true, Weight = 2,
            Facts = [.. Young.Select(y => Fact.Of(y.Young, ("animal", y.Animal)))],
            Wordings = ["what is a (baby|young) {animal} called", "(what|how) do you call a (baby|young) {animal}", "what is the (name|word) for a (baby|young) {animal}", "a (baby|young) {animal} is called what"],
            Terse = ["A {answer}.", "{answer}.", "It's a {answer}."],
            Lengthy = ["When a {animal} is still very young, we call it a {answer}.", "The right word for a baby {animal} is a {answer}."],
        },
    ];
}
