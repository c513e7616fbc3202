namespace TinyChat.Intents;

/// <summary>Capitals of countries, and countries of capitals.</summary>
internal static class Capitals
{
    private static readonly (string Country, string Capital, string ChineseCountry, string ChineseCapital)[] Table =
    [
        ("France", "Paris", "法国", "巴黎"), ("Germany", "Berlin", "德国", "柏林"), ("Italy", "Rome", "意大利", "罗马"),
        ("Spain", "Madrid", "西班牙", "马德里"), ("Portugal", "Lisbon", "葡萄牙", "里斯本"), ("England", "London", "英国", "伦敦"),
        ("Ireland", "Dublin", "爱尔兰", "都柏林"), ("Norway", "Oslo", "挪威", "奥斯陆"), ("Sweden", "Stockholm", "瑞典", "斯德哥尔摩"),
        ("Finland", "Helsinki", "芬兰", "赫尔辛基"), ("Denmark", "Copenhagen", "丹麦", "哥本哈根"), ("Poland", "Warsaw", "波兰", "华沙"),
        ("Austria", "Vienna", "奥地利", "维也纳"), ("Hungary", "Budapest", "匈牙利", "布达佩斯"), ("Greece", "Athens", "希腊", "雅典"),
        ("Turkey", "Ankara", "土耳其", "安卡拉"), ("Russia", "Moscow", "俄罗斯", "莫斯科"), ("China", "Beijing", "中国", "北京"),
        ("Japan", "Tokyo", "日本", "东京"), ("Korea", "Seoul", "韩国", "首尔"), ("India", "Delhi", "印度", "新德里"),
        ("Thailand", "Bangkok", "泰国", "曼谷"), ("Vietnam", "Hanoi", "越南", "河内"), ("Egypt", "Cairo", "埃及", "开罗"),
        ("Kenya", "Nairobi", "肯尼亚", "内罗毕"), ("Canada", "Ottawa", "加拿大", "渥太华"), ("Mexico", "Mexico City", "墨西哥", "墨西哥城"),
        ("Cuba", "Havana", "古巴", "哈瓦那"), ("Peru", "Lima", "秘鲁", "利马"), ("Chile", "Santiago", "智利", "圣地亚哥"),
    ];

    public static IReadOnlyList<Intent> All { get; } =
    [
        new()
        {
            Name = "capital", Language = Language.English, IsQuestion = true, Weight = 5,
            Facts = [.. Table.Select(t => Fact.Of(t.Capital, ("country", t.Country)))],
            Wordings = ["what is the (capital|capital city) of {country}", "(which|what) city is the capital of {country}", "{country} has (which|what) capital", "(name|give me) the (capital|capital city) of {country}", "what is {country}'s capital( city|)"],
            BareWordings = ["(the |)capital of {country}", "{country}'s capital( city|)"],
            Terse = ["{answer}.", "{answer}!", "It's {answer}."],
            Lengthy = ["The capital of {country} is the beautiful city of {answer}.", "I know that one! The capital of {country} is {answer}."],
        },
        new()
        {
            Name = "capital", Language = Language.Chinese, IsQuestion = true, Weight = 5,
            Facts = [.. Table.Select(t => Fact.Of(t.ChineseCapital, ("country", t.ChineseCountry)))],
            Wordings = ["{country}的首都(是|在)(哪里|哪儿|什么|什么地方)", "(哪个|什么)城市是{country}的首都", "(说说|说出){country}的首都", "{country}的首都(是|叫)(哪个|什么)城市"],
            BareWordings = ["{country}(的|)首都"],
            Terse = ["{answer}。", "{answer}！", "是{answer}。"],
            Lengthy = ["{country}的首都是一座美丽的城市，叫{answer}。", "这个我知道！{country}的首都当然是{answer}。"],
        },
        new()
        {
            Name = "country", Language = Language.English, IsQuestion = true, Weight = 6,
            Facts = [.. Table.Where(t => t.Country != "Mexico").Select(t => Fact.Of(t.Country, ("capital", t.Capital)))],
            Wordings = ["{capital} is the capital of (which|what) country", "(which|what) country has {capital} as its capital", "(in which|in what) country is {capital}", "(which|what) country does {capital} belong to"],
            Terse = ["{answer}.", "{answer}!", "In {answer}."],
            Lengthy = ["The city of {capital} is the capital of {answer}.", "I know that one! The city of {capital} is in {answer}."],
        },
        new()
        {
            Name = "country", Language = Language.Chinese, IsQuestion = true, Weight = 6,
            Facts = [.. Table.Where(t => t.Country != "Mexico").Select(t => Fact.Of(t.ChineseCountry, ("capital", t.ChineseCapital)))],
            Wordings = ["{capital}是(哪个|什么)国家的首都", "{capital}在(哪个|什么)国家", "(哪个|什么)国家的首都是{capital}", "{capital}属于(哪个|什么)国家"],
            Terse = ["{answer}。", "{answer}！", "在{answer}。"],
            Lengthy = ["{capital}这座美丽的城市，它的国家是{answer}。", "这个我知道！{capital}这座城市在{answer}。"],
        },
    ];
}
