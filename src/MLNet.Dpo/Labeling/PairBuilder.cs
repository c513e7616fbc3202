using MLNet.Dpo.Data;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>Builds pairs of scored rows, and counts what is left out.</summary>
internal sealed class PairBuilder(PairOptions options)
{
    private readonly List<PairCandidate> _pairs = [];
    private int _rows;
    private int _rowsWithoutPair;
    private int _belowGap;
    private int _identical;
    private int _overLimit;
    private int _unscored;

    /// <summary>Adds the pairs of a row.</summary>
    internal void Add(ScoredResponses row)
    {
        _rows++;
        _unscored += row.Scores.Count(score => !float.IsFinite(score));
        var pairs = Scored(row).Concat(Own(row)).ToList();
        var different = pairs.Where(pair => SaidText.OfAssistant(pair.Chosen) != SaidText.OfAssistant(pair.Rejected) || !IsPlain(pair)).ToList();
        _identical += pairs.Count - different.Count;
        if (different.Count == 0) _rowsWithoutPair++;
        _pairs.AddRange(different);
    }

    /// <summary>The pairs within the limit of a prompt, in the order of their rows.</summary>
    internal IReadOnlyList<PairCandidate> Build()
    {
        if (options.MaxPairsPerPrompt is not { } most) return _pairs;
        var kept = _pairs.Index().GroupBy(pair => SaidText.Key(pair.Item.Prompt))
            .SelectMany(prompt => prompt.OrderByDescending(pair => pair.Item.Gap).ThenBy(pair => pair.Index).Take(most))
            .OrderBy(pair => pair.Index).Select(pair => pair.Item).ToList();
        _overLimit = _pairs.Count - kept.Count;
        return kept;
    }

    internal PairSummary Summarise(IReadOnlyList<PairCandidate> pairs)
    {
        var sources = pairs.SelectMany(pair => pair.Sources).GroupBy(source => source).OrderBy(source => source.Key, StringComparer.Ordinal).ToDictionary(source => source.Key, source => source.Count());
        double? onPolicy = options.OnPolicySource is { } own && pairs.Count > 0 ? sources.GetValueOrDefault(own) / (2.0 * pairs.Count) : null;
        return new PairSummary(
            _rows, pairs.Select(pair => SaidText.Key(pair.Prompt)).Distinct().Count(), pairs.Count, pairs.Count(pair => pair.IsOwn), _rowsWithoutPair, _belowGap, _identical, _overLimit, _unscored, onPolicy, sources);
    }

    private IEnumerable<PairCandidate> Scored(ScoredResponses row)
    {
        if (options.Strategy == PairStrategy.OwnRejected) yield break;
        foreach (var pair in Ordered(row))
        {
            var gap = (double)row.Scores[pair.Chosen] - row.Scores[pair.Rejected];
            if (gap < options.MinGap) _belowGap++;
            else yield return new PairCandidate(row.Row, row.Responses[pair.Chosen], row.Responses[pair.Rejected], gap, row.SourcesOf(pair.Chosen, pair.Rejected), row.MasksOf(pair.Chosen, pair.Rejected));
        }
    }

    // Best and worst are those among the sources that may be taken; of equal ones the first.
    private List<PreferencePair> Ordered(ScoredResponses row)
    {
        var chosen = Candidates(row, options.ChosenSources);
        var rejected = Candidates(row, options.RejectedSources);
        if (chosen.Count == 0 || rejected.Count == 0) return [];
        if (options.Strategy != PairStrategy.All) chosen = [chosen.MaxBy(i => row.Scores[i])];
        if (options.Strategy == PairStrategy.BestAgainstWorst) rejected = [rejected.MinBy(i => row.Scores[i])];
        return [.. from better in chosen from worse in rejected where row.Scores[better] > row.Scores[worse] select new PreferencePair(better, worse)];
    }

    private IEnumerable<PairCandidate> Own(ScoredResponses row)
    {
        if (options.RejectedColumnName is null && options.MakeRejected is null) yield break;
        var candidates = Candidates(row, options.ChosenSources);
        if (candidates.Count == 0) yield break;
        var best = candidates.MaxBy(i => row.Scores[i]);
        var made = options.MakeRejected?.Invoke(SaidText.OfUser(row.Prompt), SaidText.OfAssistant(row.Responses[best]));
        foreach (var rejected in row.OwnRejected.Append(made).Where(text => !string.IsNullOrEmpty(text)))
            yield return new PairCandidate(row.Row, row.Responses[best], ChatText.Of(rejected!), double.PositiveInfinity, row.SourcesOf(best), row.LmLossMasks.Length == 0 ? [] : [row.LmLossMasks[best], 0]);
    }

    private static List<int> Candidates(ScoredResponses row, IReadOnlyCollection<string>? sources) =>
        [.. Enumerable.Range(0, row.Scores.Length).Where(i => float.IsFinite(row.Scores[i]) && (sources is null || sources.Contains(row.Sources[i])))];

    // Messages with tool calls may differ beside their texts.
    private static bool IsPlain(PairCandidate pair) => pair.Chosen.AsText("assistant") is not null && pair.Rejected.AsText("assistant") is not null;
}
