using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Training;
using Parquet.Serialization;

namespace MLNet.Dpo.Fuzz;

/// <summary>The undamaged files: small, with as many of their form's features as fit.</summary>
internal static partial class Samples
{
    public static IReadOnlyList<(string Name, string Text)> Records { get; } =
    [
        ("TRL", """{"prompt":[{"role":"user","content":"u"}],"chosen":[{"role":"user","content":"u"},{"role":"assistant","content":"a"}],"rejected":[{"role":"user","content":"u"},{"role":"assistant","content":"b"}]}"""),
        ("text", """{"prompt":"q","chosen":"a\u00e9\ud83d\ude00","rejected":"b"}"""),
        ("ShareGPT", """{"conversations":[{"from":"system","value":"s"},{"from":"human","value":"x"},{"from":"function_call","value":"{\"name\":\"f\",\"arguments\":{}}"},{"from":"observation","value":"o"}],"tools":[],"chosen":{"from":"gpt","value":"a"},"rejected":{"from":"gpt","value":"b"}}"""),
        ("messages", """{"messages":[{"role":"user","content":[{"type":"text","text":"u"}]},{"role":"assistant","chosen":"a","rejected":[{"role":"assistant","content":"b"}]}]}"""),
        ("scored contents", """{"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"text":"a","score":1,"lm_loss_mask":0},{"text":"b","score":2}]}]}"""),
        ("Alpaca", """{"instruction":"i","input":"j","system":"s","history":[["a","b"]],"output":["o","p"]}"""),
        ("group", """{"prompt":"q","responses":["a","b"],"scores":[1,0]}"""),
        ("completions", """{"prompt":"q","completions":[{"response":"a","score":2},{"response":"b","score":1}]}"""),
    ];

    /// <summary>Parquet files: of flat columns, and of lists of structs.</summary>
    public static IReadOnlyList<(string Name, Func<byte[]> File)> Parquet { get; } =
    [
        ("flat", () => ParquetFile<FlatRow>([new() { prompt = "q", chosen = "aé", rejected = "b", score = 1.5 }, new() { prompt = "r", chosen = "c", rejected = "d" }])),
        ("nested", () => ParquetFile<NestedRow>([new() { chosen = [new() { role = "user", content = "q" }, new() { role = "assistant", content = "a" }], rejected = [new() { role = "user", content = "q" }, new() { role = "assistant", content = "b" }], tags = ["x", null] }])),
    ];

    public const string TokenizerConfig = """
        {"bos_token": "<e>", "eos_token": {"content": "<e>", "lstrip": false}, "pad_token": null, "added_tokens_decoder": {"5": {"content": "<e>", "special": true}},
         "model_max_length": 1000000000000000019884624838656, "chat_template": [{"name": "default", "template": "{{ messages[0].content }}"}, {"name": "tool_use", "template": "{{ tools }}"}]}
        """;

    public const string Template = """
        {% macro f(x, n=2) %}{{ x | default('a') | indent(n) }}{% endmacro %}{% set ns = namespace(i=0, s=[]) -%}
        {% for m in messages if m.role != 'x' %}{% set ns.i = ns.i + loop.index0 * 3 %}{{ f(m.content | trim, n=3) ~ m.role[1:3] ~ m['content'].split('a')[-1] }}
        {%- if loop.last and 'h' in m.content %}{{ messages | map(attribute='role') | list | sort | join(', ') }}{% elif ns.i is divisibleby 2 %}{{ '%05d|%s' % (ns.i, m) }}{% else %}{{ m | tojson(indent=2) }}{% endif %}{% endfor %}
        {{ (10 ** 3) // 7 - 2.5 }}{{ range(0, 9, 2) | batch(2, 0) | list }}{{ ns.i | round(1) }}{{ {'a': [1, (2, 3)]}.items() | list }}{{ 'x'.center(9) }}{{ strftime_now('%d %b') }}
        """;

    public static IReadOnlyList<(string Name, string Text)> Tokenizers { get; } =
    [
        ("BPE", Tokenizer("""{"type": "BPE", "unk_token": "?", "vocab": {"a": 0, "b": 1, "ab": 2, "?": 3, "c": 4}, "merges": ["a b"]}""")),
        ("WordPiece", Tokenizer("""{"type": "WordPiece", "unk_token": "?", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100, "vocab": {"a": 0, "##b": 1, "ab": 2, "?": 3, "c": 4}}""")),
        ("Unigram", Tokenizer("""{"type": "Unigram", "unk_id": 3, "byte_fallback": false, "vocab": [["a", -1.5], ["b", -2.0], ["ab", -1.0], ["?", -9.0], ["c", -3.25]]}""")),
        ("WordLevel", Tokenizer("""{"type": "WordLevel", "unk_token": "?", "vocab": {"a": 0, "b": 1, "ab": 2, "?": 3, "c": 4}}""")),
    ];

    public static Lazy<byte[]> Zip { get; } = new(MakeZip);

    public static IReadOnlyList<string> ZipEntries => EntriesOfZip.Value;

    private static readonly Lazy<IReadOnlyList<string>> EntriesOfZip = new(() =>
    {
        using var archive = new ZipArchive(new MemoryStream(Zip.Value));
        return [.. archive.Entries.Select(entry => entry.FullName)];
    });

    public static JsonArray Messages() => [new JsonObject { ["role"] = "user", ["content"] = "hi ab\n😀" }, new JsonObject { ["role"] = "assistant", ["content"] = "yes" }];

    public static byte[] Weights() => Safetensors(
    [
        SafetensorsSource.FromBytes("a", SafetensorsDType.F32, [2, 3], new byte[24]),
        SafetensorsSource.FromBytes("b.weight", SafetensorsDType.BF16, [4], new byte[8]),
    ]);

    public static byte[] Reference()
    {
        var logps = MemoryMarshal.AsBytes<float>([-1f, -2f, -3f]).ToArray();
        return Safetensors([SafetensorsSource.FromBytes("logps", SafetensorsDType.F32, [3], logps)], new() { ["fingerprint"] = "f", ["sha256"] = Convert.ToHexStringLower(SHA256.HashData(logps)) });
    }

    public static byte[] Checkpoint() => Made(folder =>
    {
        new CheckpointState(CheckpointState.CurrentFormat, 4, 100, new() { ["Beta"] = "0.1" }, new() { ["Threads"] = "1" }, new() { ["a"] = Convert.ToHexStringLower(SHA256.HashData("x"u8)) }).Write(folder);
        return Path.Combine(folder, CheckpointState.FileName);
    });

    private static byte[] Safetensors(SafetensorsSource[] tensors, Dictionary<string, string>? metadata = null)
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(stream, tensors, metadata);
        return stream.ToArray();
    }

    private static byte[] ParquetFile<T>(IReadOnlyCollection<T> rows) where T : class, new()
    {
        using var stream = new MemoryStream();
        ParquetSerializer.SerializeAsync(rows, stream).GetAwaiter().GetResult();
        return stream.ToArray();
    }

    private static byte[] MakeZip()
    {
        var ml = new MLContext(seed: 1);
        var model = ml.Preferences.LoadZip(Readers.Fixture("zips", "keyless.zip"), out var schema);
        using var stream = new MemoryStream();
        ml.Model.Save(model, schema, stream);
        return stream.ToArray();
    }

    private static string Tokenizer(string model) => """
        {"added_tokens": [{"id": 5, "content": "<e>", "special": true}], "normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Replace", "pattern": {"Regex": " +"}, "content": " "}]},
         "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Split", "pattern": {"Regex": "\\p{L}+|(?:\\d{1,3})+|\\s+(?!\\S)"}, "behavior": "Isolated", "invert": false}, {"type": "ByteLevel", "add_prefix_space": false}]},
         "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<e>"}}, {"Sequence": {"id": "A"}}], "special_tokens": {"<e>": {"ids": [5]}}},
         "decoder": {"type": "Sequence", "decoders": [{"type": "ByteLevel"}, {"type": "Strip", "content": " ", "start": 1, "stop": 0}]},
         "model": 
        """ + model + "}";

    // The columns' names are those of the records.
    private sealed class FlatRow
    {
        public string? prompt { get; set; }

        public string? chosen { get; set; }

        public string? rejected { get; set; }

        public double? score { get; set; }
    }

    private sealed class Turn
    {
        public string? role { get; set; }

        public string? content { get; set; }
    }

    private sealed class NestedRow
    {
        public List<Turn>? chosen { get; set; }

        public List<Turn>? rejected { get; set; }

        public List<string?>? tags { get; set; }
    }
}
