using System.IO.Compression;
using System.Text;
using Microsoft.ML;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Reference;
using static TorchSharp.torch;

namespace MLNet.Dpo.Fuzz;

/// <summary>Every reader of files that the library has.</summary>
internal static partial class Readers
{
    private const string Tail = "mlnet-dpo-";
    private static readonly Lazy<CausalLM> Base = new(() => ModelFolder.Load(Fixture("models", "llama"), CPU));

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Reader> All { get; } = [.. Preferences(), .. Tokenizers(), .. Models(), .. Pickles(), .. Runs(), .. Work(), .. Zips()];

    /// <summary>A folder for one reader; its name tells messages that name it.</summary>
    public static string NewFolder() => Directory.CreateTempSubdirectory(Tail).FullName;

    private static IEnumerable<Reader> Preferences()
    {
        foreach (var (name, text) in Samples.Records)
            yield return new Reader($"preferences ({name})", "data.jsonl", () => Encoding.UTF8.GetBytes(text + "\n" + text + "\n"), folder => ReadRows(Path.Combine(folder, "data.jsonl")));
        foreach (var (name, file) in Samples.Parquet)
            yield return new Reader($"preferences (Parquet, {name})", "data.parquet", file, folder => ReadRows(Path.Combine(folder, "data.parquet")));
        yield return new Reader("preferences (gzip)", "data.jsonl.gz", () => Packed(Encoding.UTF8.GetBytes(Samples.Records[0].Text)), folder => ReadRows(Path.Combine(folder, "data.jsonl.gz")));
        yield return new Reader("preferences (csv)", "data.csv", () => "prompt,chosen,rejected\n\"a \"\"b\"\"\",c,d\ne,\"f\ng\",h\n"u8.ToArray(), folder => ReadRows(Path.Combine(folder, "data.csv")));
    }

    private static IEnumerable<Reader> Tokenizers()
    {
        foreach (var (name, text) in Samples.Tokenizers)
            yield return new Reader($"tokenizer.json ({name})", "tokenizer.json", () => Encoding.UTF8.GetBytes(text), ReadTokenizer);
        foreach (var (name, file) in Samples.SentencePiece) yield return new Reader($"tokenizer.model ({name})", "tokenizer.model", file, ReadTokenizer);
        yield return new Reader("tokenizer.json.gz", "tokenizer.json.gz", () => Packed(Encoding.UTF8.GetBytes(Samples.Tokenizers[0].Text)), ReadTokenizer);
        yield return Beside("tokenizer_config.json", Samples.TokenizerConfig);
        yield return Beside("special_tokens_map.json", """{"bos_token": "<e>", "eos_token": {"content": "<e>", "lstrip": false}, "additional_special_tokens": ["<e>", {"content": "a"}]}""");
        yield return Beside("chat_template.jinja", Samples.Template);
        yield return Beside("chat_template.json", """{"chat_template": "{% for m in messages %}{{ m.content }}{% endfor %}"}""");
    }

    private static IEnumerable<Reader> Models()
    {
        var llama = Fixture("models", "llama");
        yield return new Reader("config.json", "config.json", () => File.ReadAllBytes(Path.Combine(llama, "config.json")), folder => Architecture.Read(folder));
        yield return new Reader("generation_config.json", "generation_config.json", () => """{"eos_token_id": [2, 3], "bos_token_id": 1, "temperature": 0.7}"""u8.ToArray(), folder => Architecture.Read(folder))
        {
            Prepare = folder => File.Copy(Path.Combine(llama, "config.json"), Path.Combine(folder, "config.json")),
        };
        yield return new Reader("model.safetensors", "model.safetensors", Samples.Weights, ReadWeights);
        yield return new Reader("model.safetensors.index.json", "model.safetensors.index.json", () => """{"metadata": {"total_size": 32}, "weight_map": {"a": "1.safetensors", "b.weight": "1.safetensors"}}"""u8.ToArray(), ReadWeights)
        {
            Prepare = folder => File.WriteAllBytes(Path.Combine(folder, "1.safetensors"), Samples.Weights()),
        };
        foreach (var (name, file) in Samples.Gguf) yield return new Reader($"GGUF ({name})", "model.gguf", file, ReadGguf);
        foreach (var (kind, damaged) in new[] { ("llama-b", AdapterFolder.ConfigName), ("llama-b", AdapterFolder.WeightsName), ("llama-f", AdapterFolder.ConfigName), ("llama-f", AdapterFolder.WeightsName) })
        {
            var adapter = Fixture("adapters", kind);
            yield return new Reader($"{kind}/{damaged}", damaged, () => File.ReadAllBytes(Path.Combine(adapter, damaged)), folder => AdapterFolder.Load(Base.Value, folder))
            {
                Prepare = folder =>
                {
                    foreach (var name in new[] { AdapterFolder.ConfigName, AdapterFolder.WeightsName }) File.Copy(Path.Combine(adapter, name), Path.Combine(folder, name));
                },
            };
        }
    }

    private static IEnumerable<Reader> Pickles()
    {
        yield return new Reader("adapter_model.bin", "adapter_model.bin", () => [0x80, 2, (byte)'}', (byte)'.'], folder => AdapterFolder.Load(Base.Value, folder))
        {
            Prepare = folder => File.Copy(Path.Combine(Fixture("adapters", "llama-b"), AdapterFolder.ConfigName), Path.Combine(folder, AdapterFolder.ConfigName)),
        };
    }

    private static IEnumerable<Reader> Runs()
    {
        yield return new Reader(CheckpointState.FileName, CheckpointState.FileName, Samples.Checkpoint, folder => CheckpointState.Read(folder).CheckFiles(folder))
        {
            Prepare = folder => File.WriteAllText(Path.Combine(folder, "a"), "x"),
        };
        yield return new Reader(MetricsFile.Name, MetricsFile.Name, () => "{\"step\":1,\"loss\":0.5}\n{\"step\":2,\"loss\":0.25}\n"u8.ToArray(), folder => new MetricsFile(Path.Combine(folder, MetricsFile.Name), _ => { }).Begin(2))
        {
            NeverFails = true,
        };
        yield return new Reader(ReferenceCache.FileName, ReferenceCache.FileName, Samples.Reference, folder => new ReferenceCache(folder, "f", _ => { }).Read()) { NeverFails = true };
    }

    private static IEnumerable<Reader> Zips()
    {
        static void Load(string folder)
        {
            var model = new MLContext().Preferences.LoadZip(Path.Combine(folder, "model.zip"), out _);
            foreach (var link in (model as IEnumerable<ITransformer> ?? [model]).OfType<IDisposable>()) link.Dispose();
        }

        yield return new Reader("model.zip", "model.zip", () => Samples.Zip.Value, Load);
        foreach (var entry in Samples.ZipEntries)
            yield return new Reader($"model.zip: {entry}", "model.zip", () => Samples.Zip.Value, Load) { Damage = (zip, seed) => ZipDamage.Of(zip, entry, seed) };
    }

    private static Reader Beside(string name, string text) => new(name, name, () => Encoding.UTF8.GetBytes(text), ReadTokenizer)
    {
        Prepare = folder => File.WriteAllText(Path.Combine(folder, "tokenizer.json"), Samples.Tokenizers[0].Text),
    };

    private static void ReadRows(string path)
    {
        var preferences = new MLContext().Preferences;
        var view = path.EndsWith(".parquet", StringComparison.Ordinal) ? preferences.LoadParquet(path) : preferences.Load(path);
        using var cursor = view.GetRowCursor(view.Schema);
        var messages = cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Messages"]);
        ReadOnlyMemory<char> text = default;
        while (cursor.MoveNext()) messages(ref text);
    }

    private static void ReadTokenizer(string folder)
    {
        var tokenizer = HuggingFaceTokenizer.Load(folder);
        tokenizer.Decode(tokenizer.Encode("ab  b 1234 <e>\uD800", addSpecialTokens: true), false);
        tokenizer.ChatTemplate?.Render(Samples.Messages());
    }

    private static void ReadGguf(string folder)
    {
        var path = Path.Combine(folder, "model.gguf");
        var tokenizer = ModelTokenizer.Load(path);
        tokenizer.Decode(tokenizer.Encode("ab  b 1234 <e>\uD800", addSpecialTokens: true), false);
        ModelFolder.Load(path, CPU).Dispose();
    }

    private static void ReadWeights(string folder)
    {
        using var checkpoint = SafetensorsCheckpoint.Open(folder);
        foreach (var name in checkpoint.Tensors.Keys) TensorSafetensors.Read(checkpoint, name, ScalarType.Float32, CPU).Dispose();
    }

    internal static byte[] Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest)) gzip.Write(bytes);
        return packed.ToArray();
    }

    /// <summary>A path under tests/fixtures.</summary>
    internal static string Fixture(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "MLNet.Dpo.sln"))) folder = folder.Parent;
        return Path.Combine([folder?.FullName ?? throw new DirectoryNotFoundException("The program must lie inside the repository."), "tests", "fixtures", .. parts]);
    }
}
