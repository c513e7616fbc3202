using System.Text.Json.Nodes;
using MLNet.Dpo.Tests;
using MLNet.Dpo.Text.ChatTemplates.Jinja;
using Xunit;

namespace MLNet.Dpo.Text.Tests.ChatTemplates;

/// <summary>Templates and messages made to exhaust time, memory or stack end in <see cref="ChatTemplateException"/>.</summary>
public class HostileTemplateTests
{
    /// <summary>A value of that many levels, each holding the one below twice.</summary>
    private const string Doubled = "{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set ns.a = [ns.a, ns.a] %}{% set ns.b = [ns.b, ns.b] %}{% endfor %}";
    private const string Deep = "{% set ns = namespace(a=[1], b=[1]) %}{% for i in range(90000) %}{% set ns.a = [ns.a] %}{% set ns.b = [ns.b] %}{% endfor %}";
    private const string Long = "{% set s = 'ab ' * 100000 %}{% set l = range(100000) %}{% set ns = namespace(n=0, keep=[]) %}";

    private static readonly JsonArray Hello = [new JsonObject { ["role"] = "user", ["content"] = "hi" }];

    public static TheoryData<string> NestedValues => [
        .. from values in new[] { Doubled, Deep }
           from use in new[]
           {
               "{{ ns.a == ns.b }}", "{{ ns.a != ns.b }}", "{{ ns.a < ns.b }}", "{{ ns.a in [ns.b] }}", "{{ [ns.a, ns.b] | sort }}", "{{ [ns.a, ns.b] | max }}",
               "{{ [ns.a, ns.b] | min }}", "{{ [ns.a, ns.b] | unique }}", "{{ [ns.a] | groupby(0) }}", "{{ ns.a }}", "{{ ns.a | tojson }}", "{{ ns.a | tojson(indent=4) }}",
               "{{ ns.a | string | length }}", "{{ [ns.a].index(ns.b) }}", "{{ [ns.a].count(ns.b) }}", "{{ '%s' % [ns.a] }}", "{{ [ns.a] | join }}", "{{ ns.a is eq ns.b }}", "{{ ns.a is lt ns.b }}",
           }
           select values + use];

    public static TheoryData<string> WholeTexts => [
        .. from work in new[]
           {
               "s.replace('a', 'b')", "s.split('a')", "s.split()", "s.rsplit('a', 2)", "s.splitlines()", "s.partition('x')", "'-'.join(s)", "l | join", "s ~ 'x'", "s + 'x'", "s * 2", "l * 2", "l + l",
               "l | batch(1)", "l | batch(2, 0)", "l | slice(50000)", "l | list", "l | unique", "s | list", "s[::2]", "s[1:]", "l[::-1]", "l | sort", "l | max", "l | sum", "s | upper", "s.upper()",
               "s.strip('x')", "s | indent(100)", "s | tojson", "l | tojson(indent=9)", "s.count('a')", "s.find('zz')", "s.isalpha()", "s | length", "s[5]", "'zz' in s", "s == s ~ ''", "l == l",
               "s | title", "s | reverse", "s | truncate(10)", "s | wordcount", "s | urlencode", "s | escape", "s.zfill(9000000)", "'%999s' % 1", "range(100000)", "dict(l | batch(2))",
               "s | replace('', 'xyz')", "l | map('string')", "l | select('eq', 1)", "s.startswith((s, s))", "strftime_now(s | replace('ab ', '%c'))", "7 ** 5000 * 7 ** 700", "7 ** 5000 % 7 ** 300", "7 ** 5000 // 3",
               "(7 ** 5000) | string", "missing", "l.x", "l | map(attribute='a.b.c')", "s is lower", "s | format", "s.rfind(s ~ 'x')", "99 in l", "loop.cycle(1)",
               "{s: 1}", "{}[s]", "{}.get(s)", "s in {}", "dict([(s, 1)])", "ns[s]", "'%f' % 1.2e300", "1.5 ~ 2.5", "('9' * 4000) | int", "('9' * 4000) | float", "l < l", "strftime_now('%c')",
           }
           select work];

    public static TheoryData<string> KeptValues => [
        .. from kept in new[] { "s ~ i", "l + [i]", "s | list", "l | batch(1)", "range(i)", "dict(a=i)", "{'a': i, 'b': {}}", "[[], [i]]", "s.split()", "namespace(a=i)", "s.upper", "s | tojson", "[i, '%99d' % i]" }
           select kept];

    [Theory]
    [MemberData(nameof(NestedValues))]
    public void Render_DoubledOrDeepValues_IsStopped(string source) => AssertStopped(source);

    [Theory]
    [MemberData(nameof(WholeTexts))]
    public void Render_WholeTextInALoop_IsStopped(string work) => AssertStopped(Long + "{% for i in l %}{% for j in l %}{% set ns.n = " + work + " %}{% endfor %}{% endfor %}");

    [Theory]
    [MemberData(nameof(KeptValues))]
    public void Render_ValuesKeptInALoop_AreBounded(string kept)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        AssertStopped(Long + "{% for i in l %}{% for j in l %}{% set ns.keep = [ns.keep, " + kept + "] %}{% endfor %}{% endfor %}");
        // All that is allocated, kept or not: a far cry from the gigabytes that the loop asks for.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1L << 30);
    }

    [Theory]
    [InlineData("{% macro f(n) %}", "{{ f(n) }}", "{% endmacro %}{{ f(1) }}")]
    [InlineData("{% macro f(n) %}{% if 1 %}{% if 1 %}{% for x in [1] %}", "{{ [[[[f(n)]]]] | tojson }}", "{% endfor %}{% endif %}{% endif %}{% endmacro %}{{ f(1) }}")]
    [InlineData("{% macro f(n) %}", "{% call f(n) %}{{ caller() }}{% endcall %}", "{% endmacro %}{{ f(1) }}")]
    [InlineData("{% macro f(n) %}", "{{ [1] | map('default', f(n)) | join }}", "{% endmacro %}{{ f(1) }}")]
    public void Render_RecursiveMacros_AreStopped(string begin, string body, string end) => AssertStopped(begin + body + end);

    [Fact]
    public void Parse_LongName_IsRefused() =>
        Assert.Contains("longer than 255", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("{{ " + new string('a', 256) + " }}")).Message);

    [Fact]
    public void Render_NestingTimesRecursionOnASmallStack_IsStopped()
    {
        string nesting = string.Concat(Enumerable.Repeat("{% if true %}", 150)), closing = string.Concat(Enumerable.Repeat("{% endif %}", 150));
        string brackets = new('(', 40), back = new(')', 40);
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(() => ChatTemplate.Parse($"{{% macro f() %}}{nesting}{{{{ {brackets}[f()]{back} }}}}{closing}{{% endmacro %}}{{{{ f() }}}}").Render(Hello)), 256 << 10);
        thread.Start();
        thread.Join();
        Assert.Contains("nested deeper", Assert.IsType<ChatTemplateException>(error).Message);
    }

    [Theory]
    [InlineData("{% if a %}", "{% endif %}")]
    [InlineData("{% for a in b %}", "{% endfor %}")]
    [InlineData("{{ a[", "] }}")]
    [InlineData("{{ a(", ") }}")]
    [InlineData("{{ {1: ", "} }}")]
    [InlineData("{% if a %}{% elif a %}", "{% endif %}")]
    [InlineData("{% set (", ") = 1 %}")]
    public void Parse_DeepNesting_IsRefused(string open, string close)
    {
        string inner = open.StartsWith("{{", StringComparison.Ordinal) ? open[3..] : open, back = close.EndsWith("}}", StringComparison.Ordinal) ? close[..^3] : close;
        string source = open + string.Concat(Enumerable.Repeat(inner.Replace("{% set ", ""), 20_000)) + "1" + string.Concat(Enumerable.Repeat(back.Replace(" = 1 %}", ""), 20_000)) + close;
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source));
    }

    [Fact]
    public void Parse_TwiceTheBlocks_AllocatesTwiceAsMuch()
    {
        static long Allocated(int blocks)
        {
            string source = string.Concat(Enumerable.Repeat("{% if a %}x{% endif %}{% raw %}y{% endraw %}{{ 'a' 'b' }}", blocks));
            long before = GC.GetAllocatedBytesForCurrentThread();
            ChatTemplate.Parse(source);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Allocated(10);
        Assert.InRange((double)Allocated(8_000) / Allocated(4_000), 1, 3);
    }

    [Theory]
    [InlineData("{{ '%d' % (1e999) }}")]
    [InlineData("{{ 5 is divisibleby 0 }}")]
    [InlineData("{{ 10 ** 5000 }}")]
    [InlineData("{{ 'x'.ljust(9, 'ab') }}")]
    [InlineData("{{ 'x'.zfill(10000000000) }}")]
    [InlineData("{{ x.99999999999999999999.a }}")]
    public void Render_OperationWithoutResult_IsRefused(string source) => AssertStopped(source);

    [Theory]
    [InlineData("{{ '%0d' % -1 }}", "-1")]
    [InlineData("{{ [1, 2] | tojson(separators=()) }}", "[1, 2]")]
    [InlineData("{{ 1e300 | round(2) }}", "1e+300")]
    [InlineData("{{ 1.5 | round(-900) }}", "0.0")]
    [InlineData("{{ ('9' * 5000) | int }}", "0")]
    [InlineData("{{ 'x'.zfill(-2147483648) }}", "x")]
    [InlineData("{{ [9007199254740993, 9007199254740992.0, 9007199254740992] | sort | first | string | length }}", "18")]
    [InlineData("{{ 'abcde'[1:3] }}{{ 'abc'[5:2] }}{{ 'a😀b'[1:2] }}", "bc😀")]
    public void Render_EdgeOfAnOperation_HasItsResult(string source, string expected) => Assert.Equal(expected, ChatTemplate.Parse(source).Render(Hello));

    [Fact]
    public void Render_LongNeedle_IsFoundWhereItStands()
    {
        string needle = string.Concat(Enumerable.Repeat("ab", 60)) + "c";
        var variables = new JsonObject { ["n"] = needle, ["s"] = "ab" + needle + needle + "x" };
        Assert.Equal("2 123 3 2 True -1", ChatTemplate.Parse("{{ s.find(n) }} {{ s.rfind(n) }} {{ s.split(n) | length }} {{ s.count(n) }} {{ n in s }} {{ s.find(n ~ 'y') }}").Render(Hello, new ChatTemplateOptions { Variables = variables }));
    }

    [Fact]
    public void Render_DeepMessage_IsRefused()
    {
        JsonNode node = "x";
        for (int i = 0; i < 100_000; i++)
            node = new JsonArray(node);
        var template = ChatTemplate.Parse("{{ messages }}");
        Assert.Throws<ChatTemplateException>(() => template.Render([new JsonObject { ["content"] = node }]));
    }

    [Fact]
    public void Render_MessageWithKeyTwiceOrHalfAPair_IsRefusedOrKept()
    {
        var template = ChatTemplate.Parse("{{ messages[0].content }}");
        Assert.Throws<ChatTemplateException>(() => template.Render(JsonNode.Parse("""[{"content": "a", "content": "b"}]""")!.AsArray()));
        Assert.Throws<ChatTemplateException>(() => template.Render(JsonNode.Parse("""[{"content": "\ud800"}]""")!.AsArray()));
        Assert.Equal("a\uD800b", template.Render([new JsonObject { ["content"] = "a\uD800b" }]));
    }

    [Fact]
    public void Render_LongConversation_IsNotRefused()
    {
        var messages = new JsonArray([.. Enumerable.Range(0, 400).Select(i => new JsonObject { ["role"] = i % 2 == 0 ? "user" : "assistant", ["content"] = new string('x', 10_000) })]);
        string text = ChatTemplate.Parse("{% for m in messages %}{{ '<' ~ m.role ~ '>' + m.content.strip().split('</think>')[-1] | trim }}{% endfor %}").Render(messages);
        Assert.InRange(text.Length, 4_000_000, 4_010_000);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(2000)]
    public void Render_RealTemplates_StayFarFromTheLimits(int messages)
    {
        // 100,000 tokens, in few messages or in many.
        string content = string.Concat(Enumerable.Repeat("Some words, and more of them.\n", 400_000 / messages / 30));
        JsonArray conversation = [.. Enumerable.Range(0, messages).Select(i => new JsonObject { ["role"] = i % 2 == 0 ? "user" : "assistant", ["content"] = content })];
        string shared = SharedData.PathTo("fixtures/templates");
        string[] folders = [Fixtures.PathTo("templates"), .. Directory.Exists(shared) ? [shared] : Array.Empty<string>()];
        foreach (string path in folders.SelectMany(folder => Directory.GetFiles(folder, "*.jinja")))
            AssertFarFromTheLimits(path, conversation);
    }

    private static void AssertFarFromTheLimits(string path, JsonArray conversation)
    {
        var budget = new Budget();
        var scope = new Scope(null);
        scope.Set("messages", JsonValues.Convert(conversation, budget));
        scope.Set("bos_token", "<s>");
        scope.Set("eos_token", "</s>");
        scope.Set("add_generation_prompt", true);
        string text = new Interpreter(TimeProvider.System, budget).Render(Parser.Parse(File.ReadAllText(path)), scope);
        Assert.True(text.Length > 300_000, path);
        Assert.True(budget.Used < 0.3, $"{path}: {budget.Used:P0} of a limit");
    }

    private static void AssertStopped(string source) => Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source).Render(Hello));
}
