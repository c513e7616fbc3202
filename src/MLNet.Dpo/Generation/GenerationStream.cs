using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using MLNet.Dpo.Files;

namespace MLNet.Dpo.Generation;

/// <summary>Generation settings in a saved model: a JSON object by name, so that a later option breaks no older file.</summary>
internal static class GenerationStream
{
    internal static void Write(BinaryWriter writer, GenerationOptions options) =>
        writer.Write(JsonSerializer.Serialize(options, GenerationJson.Default.GenerationOptions));

    /// <summary>What was written; a setting that the file does not name has its default.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or names a setting that this version does not know: leaving it out would give other texts.</exception>
    internal static GenerationOptions Read(BinaryReader reader)
    {
        try
        {
            var settings = JsonNode.Parse(reader.ReadString()) as JsonObject ?? throw Damaged("they are no JSON object");
            var known = GenerationJson.Default.GenerationOptions.Properties.Select(p => p.Name);
            if (settings.Select(s => s.Key).Except(known).FirstOrDefault() is { } unknown)
                throw new InvalidDataException($"The saved model's generation settings name {unknown}, which this version of MLNet.Dpo does not know; load the model with the version that saved it, or a later one.");
            return settings.Deserialize(GenerationJson.Default.GenerationOptions)!;
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or FormatException or IOException)
        {
            throw Damaged(e.Message.ReplaceLineEndings(" ").TrimEnd('.'), e);
        }
    }

    /// <summary>What models saved before version 0x00010003 hold: these settings, in this order, without names.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    internal static GenerationOptions ReadUnnamed(BinaryReader reader)
    {
        try
        {
            var options = new GenerationOptions
            {
                MaxNewTokens = reader.ReadInt32(),
                Temperature = reader.ReadDouble(),
                TopK = reader.ReadInt32(),
                TopP = reader.ReadDouble(),
                MinP = reader.ReadDouble(),
                RepetitionPenalty = reader.ReadDouble(),
                NoRepeatNgramSize = reader.ReadInt32(),
                Seed = reader.ReadInt32(),
                BatchSize = reader.ReadInt32(),
                StopTokenIds = reader.ReadInt32List("stop tokens"),
            };
            if (options.Temperature == 0) (options.TopK, options.TopP, options.MinP) = (0, 1, 0); // were accepted beside it, and never read
            return options;
        }
        catch (Exception e) when (e is IOException or InvalidDataException)
        {
            throw Damaged(e.Message.TrimEnd('.'), e);
        }
    }

    private static InvalidDataException Damaged(string why, Exception? inner = null) =>
        new($"The saved model's generation settings cannot be read: {why}; the file is damaged, take another copy of it.", inner);
}

/// <summary>Reads and writes the options without reflection; a new option is in it by itself.</summary>
[JsonSerializable(typeof(GenerationOptions))]
internal sealed partial class GenerationJson : JsonSerializerContext;
