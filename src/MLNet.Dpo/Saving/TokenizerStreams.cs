using System.Text;
using Microsoft.ML;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Saving;

/// <summary>A tokenizer's files as streams of a model zip.</summary>
internal static class TokenizerStreams
{
    private const string Json = "tokenizer.json";
    private const string Config = "tokenizer_config.json";
    private const string Template = "chat_template.jinja";

    internal static void Save(ModelSaveContext ctx, TokenizerFiles files)
    {
        Save(ctx, Json, files.TokenizerJson);
        Save(ctx, Config, files.TokenizerConfig);
        Save(ctx, Template, files.ChatTemplate is { } template ? Encoding.UTF8.GetBytes(template) : null);
    }

    internal static TokenizerFiles Load(ModelLoadContext ctx) => new(
        Load(ctx, Json) ?? throw new InvalidDataException($"The saved model lacks {Json}; save it again."),
        Load(ctx, Config),
        Load(ctx, Template) is { } template ? Encoding.UTF8.GetString(template) : null);

    private static void Save(ModelSaveContext ctx, string name, byte[]? bytes)
    {
        if (bytes is null) return;
        ctx.SaveBinaryStream(name, writer =>
        {
            writer.Write(bytes.Length);
            writer.Write(bytes);
        });
    }

    private static byte[]? Load(ModelLoadContext ctx, string name)
    {
        byte[]? bytes = null;
        ctx.TryLoadBinaryStream(name, reader => bytes = reader.ReadBytes(reader.ReadInt32()));
        return bytes;
    }
}
