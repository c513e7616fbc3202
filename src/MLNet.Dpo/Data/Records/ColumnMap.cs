using System.Text.Json;

namespace MLNet.Dpo.Data.Records;

/// <summary>
/// Gives a record's named keys the names that the formats' readers know. A key that has such a name, or means the same, without being named for it, is set
/// aside: no reader finds it, and a text in it is lost like that of any unknown key.
/// </summary>
internal sealed class ColumnMap
{
    // No key of a file begins so.
    private const string Aside = "\u0001";

    private readonly Dictionary<string, string> _names = [];
    private readonly HashSet<string> _aside = [];
    private readonly (string Property, string Key)[] _named;

    /// <summary>The map for records of a format.</summary>
    public ColumnMap(RecordColumns columns, PreferenceFormat format)
    {
        _named = [.. columns.Named()];
        foreach (var (property, key) in _named)
        {
            var usual = UsualNames(property, format);
            _names[key] = usual[0];
            _aside.UnionWith(usual);
        }
        Note = $" (by Columns {string.Join(", ", _names.Where(name => name.Key != name.Value).Select(name => $"'{name.Value}' is the key '{name.Key}'"))})";
    }

    /// <summary>What an error adds, so that its names can be found in the file.</summary>
    public string Note { get; }

    /// <summary>The key as the file has it, of one that was set aside.</summary>
    public static string InFile(string key) => key.StartsWith(Aside, StringComparison.Ordinal) ? key[Aside.Length..] : key;

    /// <summary>The record with the readers' names.</summary>
    /// <exception cref="PreferenceDataException">It lacks a named key.</exception>
    public void Apply(JsonRecord record)
    {
        foreach (var (property, key) in _named)
        {
            if (!record.Root.TryGetProperty(key, out _))
                throw record.Error($"the key '{key}', which Columns.{property} names, is missing; {RecordFields.DescribeKeys(record.Root)}");
        }
        record.Replace(
            JsonDocument.Parse(JsonText.Write(writer =>
            {
                writer.WriteStartObject();
                foreach (var property in record.Root.EnumerateObject())
                {
                    writer.WritePropertyName(_names.TryGetValue(property.Name, out var name) ? name : _aside.Contains(property.Name) ? Aside + property.Name : property.Name);
                    property.Value.WriteTo(writer);
                }
                writer.WriteEndObject();
            })),
            Note);
    }

    /// <summary>The keys that mean the same, first the one that is read.</summary>
    private static string[] UsualNames(string property, PreferenceFormat format) => property switch
    {
        nameof(RecordColumns.Prompt) => format == PreferenceFormat.Alpaca ? ["instruction", "prompt", "question", "query"] : ["prompt", "question", "query", "instruction"],
        nameof(RecordColumns.Input) => ["input"],
        nameof(RecordColumns.System) => ["system", "system_prompt"],
        nameof(RecordColumns.Messages) => format == PreferenceFormat.ShareGpt ? ["conversations", "messages"] : ["messages", "conversations"],
        nameof(RecordColumns.History) => ["history"],
        nameof(RecordColumns.Tools) => ["tools"],
        nameof(RecordColumns.Chosen) => ["chosen", .. AnswerKeys.Usual.Select(keys => keys.Chosen)],
        nameof(RecordColumns.Rejected) => ["rejected", .. AnswerKeys.Usual.Select(keys => keys.Rejected)],
        nameof(RecordColumns.Completion) => format == PreferenceFormat.Alpaca ? ["output", "response", "completion"] : ["completion", "output", "response"],
        nameof(RecordColumns.Responses) => ["responses", "generations", "completions"],
        _ => ["scores", "ratings", "rating"],
    };
}
