using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using MLNet.Dpo.Text.SentencePiece;

namespace MLNet.Dpo.Text;

/// <summary>
/// The files that make a Hugging Face tokenizer, byte for byte as they were read, so that a saved model can carry them and write them again.
/// </summary>
/// <param name="TokenizerJson">tokenizer.json (unpacked where it was a .gz, converted where it was SentencePiece's tokenizer.model).</param>
/// <param name="TokenizerConfig">tokenizer_config.json: the special tokens' roles and, in older folders, the chat template; null where there is none.</param>
/// <param name="ChatTemplate">chat_template.jinja (or the template of chat_template.json); null where there is none.</param>
/// <param name="SpecialTokensMap">special_tokens_map.json: the special tokens' roles in older folders; null where there is none.</param>
internal sealed record TokenizerFiles(byte[] TokenizerJson, byte[]? TokenizerConfig = null, string? ChatTemplate = null, byte[]? SpecialTokensMap = null)
{
    internal const string TemplateFolder = "additional_chat_templates";
    private const string TemplateEnding = ".jinja";

    /// <summary>The templates of the folder additional_chat_templates, each under its file's name without ".jinja".</summary>
    public IReadOnlyDictionary<string, string> NamedTemplates { get; init; } = new Dictionary<string, string>();

    // A packed tokenizer.json unpacks to five to ten times its size.
    private const long UnpackedBase = 16L << 20;
    private const long UnpackedFactor = 20;

    /// <summary>
    /// Reads a model folder, or a tokenizer.json (also .json.gz, or tokenizer.model) with the other files beside it.
    /// </summary>
    /// <exception cref="FileNotFoundException">There is no tokenizer.json at <paramref name="path"/>.</exception>
    /// <exception cref="InvalidDataException">chat_template.json holds no template, chat_template.jinja is not UTF-8, or a .gz is broken or unpacks to far more than tokenizers do.</exception>
    public static TokenizerFiles Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        string? tokenizer = Directory.Exists(path) ? FirstExisting(path, "tokenizer.json", "tokenizer.json.gz", SentencePieceConversion.FileName) : File.Exists(path) ? path : null;
        if (tokenizer is null)
            throw new FileNotFoundException($"{path} has no tokenizer.json (nor tokenizer.model); give a Hugging Face model folder that holds one, or the file itself.", path);

        if (tokenizer.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase))
            throw new InvalidDataException($"{path} is a GGUF file, whose tokenizer ml.Preferences.LoadPretrained and Tokenize read; give one of these the file, or a folder with tokenizer.json here.");
        string folder = Path.GetDirectoryName(Path.GetFullPath(tokenizer))!;
        string? config = FirstExisting(folder, "tokenizer_config.json");
        string? map = FirstExisting(folder, "special_tokens_map.json");
        var (json, settings) = ReadBoth(tokenizer, config is null ? null : ReadableFile.ReadAllBytes(config));
        return new TokenizerFiles(json, settings, ReadTemplate(folder), map is null ? null : ReadableFile.ReadAllBytes(map))
        {
            NamedTemplates = ReadNamedTemplates(Path.Combine(folder, TemplateFolder)),
        };
    }

    /// <summary>Writes tokenizer.json and, where there are such, tokenizer_config.json, special_tokens_map.json and the chat templates into a folder (made if missing).</summary>
    public void Write(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, "tokenizer.json"), TokenizerJson);
        if (TokenizerConfig is not null)
            File.WriteAllBytes(Path.Combine(folder, "tokenizer_config.json"), TokenizerConfig);
        if (ChatTemplate is not null)
            File.WriteAllText(Path.Combine(folder, "chat_template.jinja"), ChatTemplate, new UTF8Encoding(false));
        if (SpecialTokensMap is not null)
            File.WriteAllBytes(Path.Combine(folder, "special_tokens_map.json"), SpecialTokensMap);
        foreach (var (name, source) in NamedTemplates)
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(folder, TemplateFolder)).FullName, name + TemplateEnding), source, new UTF8Encoding(false));
    }

    /// <summary>SHA-256 over the files, in hexadecimal: equal for tokenizers that do the same.</summary>
    internal string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (byte[]? part in new[] { TokenizerJson, TokenizerConfig, ChatTemplate is null ? null : Encoding.UTF8.GetBytes(ChatTemplate) })
        {
            hash.AppendData(BitConverter.GetBytes(part?.LongLength ?? -1));
            hash.AppendData(part ?? []);
        }
        foreach (string part in NamedTemplates.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => new[] { entry.Key, entry.Value }))
            hash.AppendData(Encoding.UTF8.GetBytes($"{part.Length} {part}"));
        hash.AppendData(SpecialTokensMap ?? []);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private static string? FirstExisting(string folder, params string[] names) => names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    // A tokenizer.model says of itself what a tokenizer_config.json would.
    private static (byte[] Json, byte[]? Config) ReadBoth(string tokenizer, byte[]? config)
    {
        if (!tokenizer.EndsWith(".model", StringComparison.OrdinalIgnoreCase))
            return (ReadBytes(tokenizer), config);
        string? added = FirstExisting(Path.GetDirectoryName(Path.GetFullPath(tokenizer))!, "added_tokens.json");
        return SentencePieceConversion.Convert(ReadBytes(tokenizer), config, added is null ? null : ReadableFile.ReadAllBytes(added));
    }

    private static byte[] ReadBytes(string path)
    {
        if (!path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase))
            return ReadableFile.ReadAllBytes(path);
        using var file = new FileStream(ReadableFile.Open(path), FileAccess.Read);
        using var gzip = new GZipStream(file, CompressionMode.Decompress);
        try
        {
            return Unpack(gzip, UnpackedBase + UnpackedFactor * file.Length, path);
        }
        catch (InvalidDataException e) when (!e.Message.StartsWith(path, StringComparison.Ordinal))
        {
            throw new InvalidDataException($"{path} is not a valid gzip file: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private static byte[] Unpack(GZipStream gzip, long limit, string path)
    {
        using var unpacked = new MemoryStream();
        byte[] buffer = new byte[1 << 16];
        for (int read; (read = gzip.Read(buffer)) > 0;)
        {
            if (unpacked.Length + read > limit)
                throw new InvalidDataException($"{path} unpacks to more than {limit} bytes, which no tokenizer of its size does; unpack it by hand if it is one.");
            unpacked.Write(buffer, 0, read);
        }
        return unpacked.ToArray();
    }

    /// <summary>A text file; bytes that are not UTF-8 are an error rather than replaced.</summary>
    private static string ReadText(string path)
    {
        try
        {
            return ReadableFile.Named(path, () => File.ReadAllText(path, new UTF8Encoding(false, throwOnInvalidBytes: true)));
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidDataException($"{path} is not valid UTF-8 (byte {e.Index}); save it as UTF-8.", e);
        }
    }

    private static Dictionary<string, string> ReadNamedTemplates(string folder) => Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "*" + TemplateEnding).ToDictionary(file => Path.GetFileNameWithoutExtension(file), ReadText)
        : [];

    private static string? ReadTemplate(string folder)
    {
        if (FirstExisting(folder, "chat_template.jinja") is { } jinja)
            return ReadText(jinja);
        if (FirstExisting(folder, "chat_template.json") is not { } json)
            return null;
        try
        {
            using var document = JsonDocument.Parse(ReadableFile.ReadAllBytes(json));
            return document.RootElement.GetProperty("chat_template").GetString();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            throw new InvalidDataException($"{json} holds no chat template; expected {{\"chat_template\": \"...\"}}.", e);
        }
    }
}
