using System.Text.Json;

namespace MLNet.Dpo.Text.Tokenization;

/// <summary>Token strings and ids, both ways.</summary>
internal sealed class Vocabulary
{
    private const int MaxGap = 4_000_000;
    private readonly Dictionary<string, int> _ids;
    private readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _lookup;
    private readonly string?[] _tokens;

    public Vocabulary(Dictionary<string, int> ids)
    {
        _ids = ids;
        _lookup = ids.GetAlternateLookup<ReadOnlySpan<char>>();
        int max = -1;
        foreach (int id in ids.Values)
            max = Math.Max(max, id);
        CheckId(max, ids.Count);
        _tokens = new string?[max + 1];
        foreach (var (token, id) in ids)
            _tokens[id] = token;
    }

    /// <summary>Ids make a table; a single huge one must not make a huge table.</summary>
    public static void CheckId(int id, int count)
    {
        if (id < -1 || id > MaxGap + 2L * count)
            throw new InvalidDataException($"tokenizer.json: token id {id} is out of range (from 0 to {MaxGap + 2L * count}).");
    }

    public int MaxId => _tokens.Length - 1;

    public int Count => _ids.Count;

    public IEnumerable<KeyValuePair<string, int>> Entries => _ids;

    public bool TryGetId(ReadOnlySpan<char> token, out int id) => _lookup.TryGetValue(token, out id);

    public string? TokenOf(int id) => (uint)id < (uint)_tokens.Length ? _tokens[id] : null;

    /// <summary>Reads a <c>{"token": id}</c> object.</summary>
    public static Vocabulary Read(JsonElement model)
    {
        var vocab = model.Required("vocab", JsonValueKind.Object);
        var ids = new Dictionary<string, int>(vocab.GetPropertyCount(), StringComparer.Ordinal);
        foreach (var entry in vocab.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Number || !entry.Value.TryGetInt32(out int id) || id < 0)
                throw new InvalidDataException($"tokenizer.json: vocab gives {entry.Name} the id {entry.Value}; expected an integer from 0.");
            ids[entry.Name] = id;
        }
        return new Vocabulary(ids);
    }
}
