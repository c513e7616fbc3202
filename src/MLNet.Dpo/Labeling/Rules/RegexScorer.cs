using System.Text.RegularExpressions;
using Microsoft.ML;

namespace MLNet.Dpo.Labeling.Rules;

/// <summary>1 where a response matches a regular expression (or does not, if that is wanted), otherwise 0.</summary>
internal sealed class RegexScorer : TextScorer
{
    private readonly Regex _regex;
    private readonly bool _shouldMatch;

    internal RegexScorer(string pattern, bool shouldMatch, bool ignoreCase)
    {
        try
        {
            _regex = new Regex(pattern, RegexOptions.CultureInvariant | (ignoreCase ? RegexOptions.IgnoreCase : RegexOptions.None), RegexTimeout);
        }
        catch (RegexParseException e)
        {
            throw new ArgumentException($"pattern is '{pattern}', which is no regular expression of .NET: {e.Message.ReplaceLineEndings(" ")}", e);
        }
        _shouldMatch = shouldMatch;
    }

    internal override string Description => $"Regex({(_shouldMatch ? "" : "not ")}'{_regex}')";

    internal override float Score(string prompt, string response) => _regex.IsMatch(response) == _shouldMatch ? 1 : 0;

    internal override void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(_regex.ToString());
        ctx.Writer.Write(_shouldMatch);
        ctx.Writer.Write(_regex.Options.HasFlag(RegexOptions.IgnoreCase));
    }

    internal static RegexScorer Load(BinaryReader reader) => new(reader.ReadString(), reader.ReadBoolean(), reader.ReadBoolean());
}
