using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Saving;

/// <summary>
/// A tokenizer's files in a model zip. They lie in a folder of the zip's root that is named after their content, so that the links of a chain that use
/// one tokenizer share it, and a link saved alone has it all the same; in a link's own folder there is only that folder's name.
/// </summary>
internal static class TokenizerStreams
{
    private const string Place = "tokenizer";
    private const string Json = "tokenizer.json";
    private const string Config = "tokenizer_config.json";
    private const string Template = "chat_template.jinja";
    private const string SpecialTokens = "special_tokens_map.json";
    private const string NamedTemplates = "additional_chat_templates.json";

    internal static void Save(ModelSaveContext ctx, TokenizerFiles files)
    {
        var folder = "Tokenizer-" + files.Fingerprint()[..16];
        ctx.SaveBinaryStream(Place, writer => writer.Write(folder));
        Save(ctx, folder, Json, files.TokenizerJson);
        Save(ctx, folder, Config, files.TokenizerConfig);
        Save(ctx, folder, Template, files.ChatTemplate is { } template ? Encoding.UTF8.GetBytes(template) : null);
        Save(ctx, folder, SpecialTokens, files.SpecialTokensMap);
        if (files.NamedTemplates.Count > 0)
            Save(ctx, folder, NamedTemplates, Encoding.UTF8.GetBytes(new JsonObject(files.NamedTemplates.Select(entry => KeyValuePair.Create(entry.Key, (JsonNode?)entry.Value))).ToJsonString()));
    }

    internal static TokenizerFiles Load(ModelLoadContext ctx)
    {
        ZipBounds.Check(ctx.Repository._archive); // ML.NET's own Load comes here without LoadZip
        string? folder = null;
        ctx.TryLoadBinaryStream(Place, reader => folder = reader.ReadString());
        Func<string, byte[]?> load = folder is null ? name => LoadOwn(ctx, name) : name => LoadShared(ctx, folder, name);
        return new TokenizerFiles(
            load(Json) ?? throw new InvalidDataException($"The saved model lacks {Json}; save it again."),
            load(Config),
            load(Template) is { } template ? Encoding.UTF8.GetString(template) : null,
            load(SpecialTokens))
        {
            NamedTemplates = load(NamedTemplates) is { } named ? ReadNamed(named) : new Dictionary<string, string>(),
        };
    }

    private static Dictionary<string, string> ReadNamed(byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.EnumerateObject().ToDictionary(entry => FileNamed(entry.Name), entry => entry.Value.GetString() ?? "");
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidDataException($"the model's entry {NamedTemplates} is no object of chat templates by name; the file is damaged.", e);
        }
    }

    // A name becomes a file's when the model's folder is written: it may not lead elsewhere.
    private static string FileNamed(string name) => name is not ("" or "." or "..") && !name.AsSpan().ContainsAny('/', '\\', '\0')
        ? name
        : throw new InvalidDataException($"the model's entry {NamedTemplates} has a chat template named '{name.ReplaceLineEndings(" ")}', which is no file name; the file is damaged.");

    private static void Save(ModelSaveContext ctx, string folder, string name, byte[]? bytes)
    {
        if (bytes is null || ctx.Repository.PathMap.ContainsKey(Path.Combine(folder, name))) return;
        using var entry = ctx.Repository.CreateEntry(folder, name);
        entry.Stream.Write(bytes);
    }

    private static byte[]? LoadShared(ModelLoadContext ctx, string folder, string name)
    {
        using var entry = ctx.Repository.OpenEntryOrNull(folder, name);
        if (entry is null) return null;
        var bytes = new byte[entry.Stream.Length];
        entry.Stream.ReadExactly(bytes);
        return bytes;
    }

    // Models saved before the files were shared: each link has its own, led by their length.
    private static byte[]? LoadOwn(ModelLoadContext ctx, string name)
    {
        byte[]? bytes = null;
        ctx.TryLoadBinaryStream(name, reader => bytes = ReadCounted(reader, name));
        return bytes;
    }

    /// <summary>Reads as many bytes as a length in front of them says, piece by piece: a damaged length must not take memory that the data do not fill.</summary>
    private static byte[] ReadCounted(BinaryReader reader, string name)
    {
        var length = reader.ReadInt32();
        using var bytes = new MemoryStream();
        while (bytes.Length < length && reader.ReadBytes((int)Math.Min(1 << 20, length - bytes.Length)) is { Length: > 0 } piece)
            bytes.Write(piece);
        return length == bytes.Length ? bytes.ToArray() : throw new InvalidDataException($"the model's entry {name} says it has {length} bytes, but holds {bytes.Length}; the file is damaged.");
    }
}
