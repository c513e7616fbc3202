using System.Text.Json.Nodes;
using MLNet.Dpo.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>
/// Finds what messages carry beside their role and what a chat template does not write: <c>reasoning_content</c> of turns before the last, a <c>name</c>, the content of a turn that calls tools.
/// The row is used, as transformers uses it; a key of which nothing is written in some message is what is said. A key is written where leaving it out changes the text.
/// </summary>
/// <param name="render">Renders messages as the row is rendered; null where no template is applied, which leaves out all but plain contents.</param>
internal sealed class LeftOutKeys(Func<IReadOnlyList<JsonNode?>, PreferenceRow, string>? render)
{
    private const string Role = "role", Content = "content";

    /// <summary>The keys, in order; most rows have none, at no cost.</summary>
    internal IReadOnlyCollection<string> Of(PreferenceRow row)
    {
        var found = new SortedSet<string>(StringComparer.Ordinal);
        if (!row.Responses.Prepend(row.Prompt).Any(text => text.Messages?.Any(message => Keys(message).Any()) is true)) return found;
        JsonNode?[] asked = [.. row.Prompt.AsMessages("user")];
        if (row.Responses.Count == 0) Search(asked, 0, row, found);
        for (var i = 0; i < row.Responses.Count; i++)
        {
            JsonNode?[] conversation = [.. asked, .. row.Responses[i].AsMessages("assistant")];
            // What the prompt has is the same beside every response.
            Search(conversation, i == 0 ? 0 : asked.Length, row, found);
        }
        return found;
    }

    private void Search(JsonNode?[] conversation, int from, PreferenceRow row, SortedSet<string> found)
    {
        var carriers = Enumerable.Range(from, conversation.Length - from).SelectMany(i => Keys(conversation[i]).Select(key => (Index: i, Key: key))).Where(carrier => !found.Contains(carrier.Key)).ToList();
        if (carriers.Count == 0) return;
        if (render is null)
        {
            found.UnionWith(carriers.Select(carrier => carrier.Key));
            return;
        }
        var whole = render(conversation, row);
        foreach (var (index, key) in carriers)
        {
            if (!found.Contains(key) && IsSame(conversation, index, key, row, whole)) found.Add(key);
        }
    }

    private bool IsSame(JsonNode?[] conversation, int index, string key, PreferenceRow row, string whole)
    {
        var message = conversation[index]!.DeepClone().AsObject();
        // Templates may rely on a content.
        if (key == Content) message[Content] = "";
        else message.Remove(key);
        JsonNode?[] other = [.. conversation];
        other[index] = message;
        try
        {
            return render!(other, row) == whole;
        }
        catch (ChatTemplateException)
        {
            // It wants what was left out, then.
            return false;
        }
    }

    /// <summary>The keys of a message that carry something; its content only beside others, for without them every template writes it.</summary>
    private static IEnumerable<string> Keys(JsonNode? message)
    {
        if (message is not JsonObject { Count: > 2 } all) return [];
        var keys = all.Where(property => property.Key is not (Role or Content) && Carries(property.Value)).Select(property => property.Key).ToList();
        return keys.Count > 0 && Carries(all[Content]) ? [.. keys, Content] : keys;
    }

    private static bool Carries(JsonNode? value) => value switch
    {
        JsonObject { Count: > 0 } or JsonArray { Count: > 0 } => true,
        JsonValue text when text.TryGetValue(out string? said) => !BlankText.Is(said),
        _ => false,
    };
}
