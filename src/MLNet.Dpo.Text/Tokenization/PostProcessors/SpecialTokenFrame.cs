using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization.PostProcessors;

/// <summary>What add_special_tokens puts around a text: ids before it and after it.</summary>
internal sealed record SpecialTokenFrame(int[] Prefix, int[] Suffix)
{
    public static SpecialTokenFrame Empty { get; } = new([], []);

    /// <summary>Reads a post-processor, as far as one text (not a pair) is concerned.</summary>
    public static SpecialTokenFrame Read(JsonElement json) => json.RequiredString("type") switch
    {
        // Trims offsets alone; ids stay.
        "ByteLevel" => Empty,
        "TemplateProcessing" => ReadTemplate(json),
        "BertProcessing" or "RobertaProcessing" => new SpecialTokenFrame([IdOf(json, "cls")], [IdOf(json, "sep")]),
        "Sequence" => json.Required("processors", JsonValueKind.Array).EnumerateArray().Select(Read)
            .Aggregate(Empty, (inner, outer) => new SpecialTokenFrame([.. outer.Prefix, .. inner.Prefix], [.. inner.Suffix, .. outer.Suffix])),
        var type => throw JsonReading.Unsupported("post-processor", type),
    };

    private static SpecialTokenFrame ReadTemplate(JsonElement json)
    {
        List<int> prefix = [], suffix = [];
        int texts = 0;
        foreach (var item in json.Required("single", JsonValueKind.Array).EnumerateArray())
        {
            if (item.Optional("Sequence") is not null)
                texts++;
            else
                (texts == 0 ? prefix : suffix).AddRange(IdsOf(json, item.Required("SpecialToken", JsonValueKind.Object).RequiredString("id")));
        }
        return texts == 1
            ? new SpecialTokenFrame([.. prefix], [.. suffix])
            : throw new InvalidDataException($"tokenizer.json: TemplateProcessing's \"single\" holds the text {texts} times; expected once.");
    }

    private static IEnumerable<int> IdsOf(JsonElement json, string name)
    {
        var ids = json.Required("special_tokens", JsonValueKind.Object).Optional(name)?.Required("ids", JsonValueKind.Array)
            ?? throw new InvalidDataException($"tokenizer.json: TemplateProcessing uses \"{name}\", which its special_tokens lack; add it.");
        return ids.EnumerateArray().Select(id => id.ValueKind == JsonValueKind.Number && id.TryGetInt32(out int value) && value >= 0
            ? value
            : throw new InvalidDataException($"tokenizer.json: TemplateProcessing's \"{name}\" has the id {id.Raw()}; expected an integer from 0."));
    }

    private static int IdOf(JsonElement json, string name)
    {
        var pair = json.Required(name, JsonValueKind.Array);
        return pair.GetArrayLength() == 2 && pair[1].ValueKind == JsonValueKind.Number && pair[1].TryGetInt32(out int id) && id >= 0
            ? id
            : throw new InvalidDataException($"tokenizer.json: \"{name}\" is {pair.Raw()}; expected [\"token\", id].");
    }
}
