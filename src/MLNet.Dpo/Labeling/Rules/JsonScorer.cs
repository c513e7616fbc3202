using System.Text.Json;
using Microsoft.ML;
using MLNet.Dpo.Schemas;

namespace MLNet.Dpo.Labeling.Rules;

/// <summary>0 where a response is not JSON, 0.5 where it is JSON of another form than the schema asks for, 1 where it is what is asked for.</summary>
internal sealed class JsonScorer(string? schema) : TextScorer
{
    private readonly JsonSchema? _schema = schema is null ? null : JsonSchema.Parse(schema);

    internal override string Description => schema is null ? "Json" : "JsonSchema";

    internal override float Score(string prompt, string response)
    {
        try
        {
            using var document = JsonDocument.Parse(response);
            return _schema is null || _schema.IsValid(document.RootElement) ? 1 : 0.5f;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // half of a surrogate pair is valid JSON, but no text
        {
            return 0;
        }
    }

    internal override void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(schema is not null);
        if (schema is not null) ctx.Writer.Write(schema);
    }

    internal static JsonScorer Load(BinaryReader reader) => new(reader.ReadBoolean() ? reader.ReadString() : null);
}
