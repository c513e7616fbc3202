using System.Text;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Generation;

/// <summary>
/// The text of a completion while its tokens come. A text is given when no later token can change it: not while a character's bytes are not all there, nor while a stop string may have begun.
/// What is given is what the tokenizer makes of all tokens together, cut before the first stop string.
/// </summary>
/// <param name="tokenizer">What decodes.</param>
/// <param name="stops">Texts that end the completion.</param>
internal sealed class CompletionText(ChatTokenizer tokenizer, IReadOnlyList<string> stops)
{
    // A token's text depends on those just before it; the rest need not be decoded again with each.
    private const int FewestKept = 32, MostKept = 96;

    private readonly List<int> _ids = [];
    private readonly StringBuilder _sure = new();
    private readonly int _longestStop = stops.Select(stop => stop.Length).DefaultIfEmpty(0).Max();
    private string _decoded = "";
    private string _rest = "";
    private int _given;
    private int? _end;

    /// <summary>Takes the next token.</summary>
    /// <returns>Whether a stop string is there.</returns>
    internal bool Add(int id)
    {
        _ids.Add(id);
        var text = tokenizer.Decode(_ids);
        _rest = text.Length > _decoded.Length ? text[_decoded.Length..] : "";
        var from = Math.Max(0, _sure.Length - Math.Max(0, _longestStop - 1));
        _end = StopIn(_sure.ToString(from, _sure.Length - from) + _rest) is { } stop ? from + stop : null;
        if (tokenizer.IsByte(id) || text.EndsWith('\uFFFD') || !text.StartsWith(_decoded, StringComparison.Ordinal)) return _end is not null;
        _sure.Append(_rest);
        (_rest, _decoded) = ("", text);
        if (_ids.Count < MostKept) return _end is not null;
        _ids.RemoveRange(0, _ids.Count - FewestKept);
        _decoded = tokenizer.Decode(_ids);
        return _end is not null;
    }

    /// <summary>The text that was not given before and is sure; often none.</summary>
    internal string Take()
    {
        var end = Math.Min(_end ?? _sure.Length - HeldBack(), _sure.Length);
        // A stop string may begin with half of a surrogate pair.
        return UpTo(end > 0 && char.IsHighSurrogate(_sure[end - 1]) ? end - 1 : end);
    }

    /// <summary>The rest, when there are no more tokens.</summary>
    internal string TakeRest()
    {
        _sure.Append(_rest);
        _rest = "";
        return UpTo(_end ?? _sure.Length);
    }

    private string UpTo(int end)
    {
        end = Math.Min(end, _sure.Length);
        if (end <= _given) return "";
        var text = _sure.ToString(_given, end - _given);
        _given = end;
        return text;
    }

    private int? StopIn(string text)
    {
        var starts = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(start => start >= 0).ToList();
        return starts.Count > 0 ? starts.Min() : null;
    }

    // How many of the last characters may be the beginning of a stop string.
    private int HeldBack()
    {
        for (var length = Math.Min(_longestStop - 1, _sure.Length - _given); length > 0; length--)
        {
            var end = _sure.ToString(_sure.Length - length, length);
            if (stops.Any(stop => stop.Length > length && stop.StartsWith(end, StringComparison.Ordinal))) return length;
        }
        return 0;
    }
}
