using System.Text.Json.Nodes;

namespace MLNet.Dpo.Conformance;

/// <summary>Counts cases whose result must be equal to what is expected, and remembers the first that is not.</summary>
internal sealed class CaseCounter(string name)
{
    private int _passed, _failed, _skipped;
    private string _note = "";

    /// <summary>Runs one case; an exception counts as a failure.</summary>
    public void Check(string what, Func<string?> difference)
    {
        string? found;
        try
        {
            found = difference();
        }
        catch (Exception e)
        {
            found = ErrorLine.Of(e);
        }
        if (found is null)
            _passed++;
        else if (_failed++ == 0)
            _note = $"{what}: {found}";
    }

    public void Skip(string why)
    {
        _skipped++;
        if (_note.Length == 0)
            _note = why;
    }

    /// <summary>Null where the two are equal.</summary>
    public static string? Compare(string? expected, string? actual) =>
        expected == actual ? null : $"expected {Quote(expected)}, got {Quote(actual)}";

    /// <summary>Null where the two are equal.</summary>
    public static string? Compare(IReadOnlyList<int> expected, IReadOnlyList<int> actual) =>
        expected.SequenceEqual(actual) ? null : $"expected [{string.Join(", ", expected)}], got [{string.Join(", ", actual)}]";

    public CaseReport Report() => new(name, _passed, _failed, _skipped, 0, _note);

    public static string Quote(string? text) => text is null ? "nothing" : JsonValue.Create(text).ToJsonString();
}
