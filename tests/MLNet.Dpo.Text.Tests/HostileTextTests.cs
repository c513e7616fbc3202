using System.Text;
using System.Text.Json.Nodes;
using MLNet.Dpo.Tests;
using Xunit;

namespace MLNet.Dpo.Text.Tests;

/// <summary>Damaged templates and tokenizer files: every one ends with a documented kind of error on one line, or works.</summary>
public class HostileTextTests
{
    private const string Small = """
        {"added_tokens": [{"id": 5, "content": "<e>", "special": true}], "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": " +"}, "content": " "}]},
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\\p{L}+|(?:\\d{1,3})+|\\s+(?!\\S)"}, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false}]},
         "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<e>"}}, {"Sequence": {"id": "A"}}], "special_tokens": {"<e>": {"ids": [5]}}},
         "decoder": {"type": "Sequence", "decoders": [{"type": "ByteLevel"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
         "model": {"type": "BPE", "unk_token": "?", "vocab": {"a": 0, "b": 1, "ab": 2, "?": 3, "c": 4}, "merges": ["a b"]}}
        """;

    private const string Template = """
        {% macro f(x, n=2) %}{{ x | default('a') | indent(n) }}{% endmacro %}{% set ns = namespace(i=0, s=[]) -%}
        {% for m in messages if m.role != 'x' %}{% set ns.i = ns.i + loop.index0 * 3 %}{{ f(m.content | trim, n=3) ~ m.role[1:3] ~ m['content'].split('a')[-1] }}
        {%- if loop.last and 'h' in m.content %}{{ messages | map(attribute='role') | list | sort | join(', ') }}{% elif ns.i is divisibleby 2 %}{{ '%05d|%s' % (ns.i, m) }}{% else %}{{ m | tojson(indent=2) }}{% endif %}{% endfor %}
        {{ (10 ** 3) // 7 - 2.5 }}{{ range(0, 9, 2) | batch(2, 0) | list }}{{ ns.i | round(1) }}{{ {'a': [1, (2, 3)]}.items() | list }}{{ 'x'.center(9) }}{{ strftime_now('%d %b') }}
        """;

    private static readonly string[] Pieces = ["{{", "}}", "{%", "%}", "(", ")", "[", "]", "|", "~", "**", "999999999", "-1", "''", " if ", " not ", "none", "loop", "messages", "\\ud800", "null", "{}", "1e999", "\"", "\0", ":", ",", "."];

    [Fact]
    public void Render_DamagedTemplate_GivesDocumentedErrors()
    {
        JsonArray messages = [new JsonObject { ["role"] = "user", ["content"] = "hi ab\n😀" }, new JsonObject { ["role"] = "assistant", ["content"] = "yes" }];
        Fuzz(Template, 600, mutant => ChatTemplate.Parse(mutant).Render(messages), error => error is ChatTemplateException);
    }

    [Fact]
    public void Load_DamagedTokenizer_GivesDocumentedErrors() => Fuzz(Small, 600, mutant =>
    {
        var tokenizer = HuggingFaceTokenizer.Load(new TokenizerFiles(Encoding.UTF8.GetBytes(mutant)));
        tokenizer.Decode(tokenizer.Encode("ab  b 1234 <e>\uD800", addSpecialTokens: true), false);
    }, error => error is InvalidDataException);

    [Fact]
    public void Load_DamagedTokenizerConfig_GivesDocumentedErrors()
    {
        string config = File.ReadAllText(Path.Combine(Fixtures.TinyChatml, "tokenizer_config.json"));
        var files = new TokenizerFiles(Encoding.UTF8.GetBytes(Small));
        Fuzz(config, 300, mutant => HuggingFaceTokenizer.Load(files with { TokenizerConfig = Encoding.UTF8.GetBytes(mutant) }), error => error is InvalidDataException);
    }

    private static void Fuzz(string original, int mutants, Action<string> read, Func<Exception, bool> isDocumented)
    {
        var random = new Random(11);
        for (int i = 0; i < mutants; i++)
        {
            string mutant = Mutate(original, random);
            if (Record.Exception(() => read(mutant)) is not { } error)
                continue;
            Assert.True(isDocumented(error), $"{error}\n{mutant}");
            Assert.NotEqual("", error.Message);
        }
    }

    /// <summary>One to three changes: a character, a stretch left out, doubled or moved, or a piece of syntax put in.</summary>
    private static string Mutate(string text, Random random)
    {
        for (int changes = random.Next(1, 4); changes > 0 && text.Length > 1; changes--)
        {
            int at = random.Next(text.Length), length = Math.Min(random.Next(1, 16), text.Length - at), from = random.Next(text.Length - length + 1);
            text = random.Next(5) switch
            {
                0 => text[..at] + (char)random.Next(32, 127) + text[(at + 1)..],
                1 => text.Remove(at, length),
                2 => text.Insert(at, text.Substring(from, length)),
                3 => text.Insert(at, Pieces[random.Next(Pieces.Length)]),
                _ => text[..at] + Pieces[random.Next(Pieces.Length)] + text[(at + length)..],
            };
        }
        return text;
    }
}
