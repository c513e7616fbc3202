using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>All texts that a group says, to tell whether another key of its record adds something to them.</summary>
internal sealed class SaidTexts
{
    private readonly HashSet<string> _texts = [];

    /// <summary>The texts of a group.</summary>
    public static SaidTexts Of(PreferenceGroup group)
    {
        var said = new SaidTexts();
        said._texts.Add(group.Prompt.Trim());
        foreach (var text in group.Responses)
            said._texts.Add(text.Trim());
        foreach (var messages in group.ResponseMessages.Append(group.Messages).Where(text => text.Length > 0))
        {
            using var document = JsonDocument.Parse(messages);
            said.Add(document.RootElement);
        }
        return said;
    }

    /// <summary>Whether every text in a value is one that the group says; who speaks does not count.</summary>
    public bool Contains(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => BlankText.Is(value.GetString()!) || _texts.Contains(value.GetString()!.Trim()),
        JsonValueKind.Array => value.EnumerateArray().All(Contains),
        JsonValueKind.Object => value.EnumerateObject().All(property => property.Name is "role" or "from" || Contains(property.Value)),
        _ => true,
    };

    private void Add(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                _texts.Add(value.GetString()!.Trim());
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray()) Add(item);
                break;
            case JsonValueKind.Object:
                foreach (var property in value.EnumerateObject()) Add(property.Value);
                break;
        }
    }
}
