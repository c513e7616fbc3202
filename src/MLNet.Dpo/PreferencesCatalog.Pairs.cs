using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Dpo.Labeling;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// Builds pairs of scored responses, for training. A scorer's scores are refused unless <see cref="PairOptions.Agreement"/> says that it agrees with people in at least 75 % of pairs, by
    /// at least 30 labels, or <see cref="PairOptions.AllowLowAgreement"/> is set; people's own scores are not. A scorer's column is known as such until it is written to a file.
    /// Split with <see cref="TrainTestSplit"/>, so that no prompt is in both halves.
    /// </summary>
    /// <param name="scored">Rows with Responses and Scores (or Chosen and Rejected). They are read once, here, and the pairs held in memory.</param>
    /// <param name="options">Which responses are paired, and what is asked of them; the defaults when null.</param>
    /// <returns>The pairs and what was left out, which the log says too.</returns>
    /// <exception cref="ArgumentException">A column is missing, an option is out of range, or the scorer's agreement with people is too low or not known.</exception>
    /// <exception cref="PreferenceDataException">A row has not one score for each response, or no pair comes out.</exception>
    /// <example><code>
    /// PairSet pairs = ml.Preferences.MakePairs(scorer.Transform(samples), new PairOptions { Strategy = PairStrategy.BestAgainstWorst, Agreement = agreement });
    /// Console.WriteLine(pairs.Summary);
    /// var split = ml.Preferences.TrainTestSplit(pairs.Data);
    /// </code></example>
    public PairSet MakePairs(IDataView scored, PairOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(scored);
        options ??= new PairOptions();
        options.Validate();
        using var channel = ((IHostEnvironment)_ml).Start(nameof(MakePairs));
        CheckAgreement(channel, scored, options);
        var builder = new PairBuilder(options);
        foreach (var row in ScoredResponses.Read(scored, options)) builder.Add(row);
        var pairs = builder.Build();
        var summary = builder.Summarise(pairs);
        if (pairs.Count == 0) throw new PreferenceDataException($"No pair came out: {summary}. Loosen the options, or give rows whose responses are scored differently.");
        channel.Info(summary.ToString());
        return new PairSet(_ml.Data.LoadFromEnumerable(pairs.Select(PairRow.Of).ToList()), summary);
    }

    private static void CheckAgreement(IChannel channel, IDataView scored, PairOptions options)
    {
        var scorer = scored.Schema.GetColumnOrNull(ColumnNames.Scores) is { } column ? ScoredBy.Find(column) : null;
        if (options.Objection(scorer) is not { } objection) return;
        if (!options.AllowLowAgreement)
        {
            throw new ArgumentException(
                $"No pairs are built: {objection}. Improve the scorer or label more, pass what ml.Preferences.Agreement(labels, scorer) gives as PairOptions.Agreement, or set AllowLowAgreement to build them all the same.");
        }
        channel.Warning($"Pairs are built all the same (AllowLowAgreement), though {objection}.");
    }
}
