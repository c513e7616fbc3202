using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>Supervised fine-tuning: the mean negative log-probability of all response tokens of a step, as TRL's SFTTrainer on completions.</summary>
/// <param name="model">The model.</param>
/// <param name="maxTokens">The token budget of a micro-batch.</param>
/// <param name="maxEvalRows">The most rows that are evaluated at a time.</param>
internal sealed class SftObjective(CausalLM model, int maxTokens, int maxEvalRows = int.MaxValue) : ITrainingObjective
{
    public Dictionary<string, double> AccumulateGradients(IReadOnlyList<PreferenceExample> rows) => Run(rows, withGradient: true, int.MaxValue);

    public Dictionary<string, double> Evaluate(IReadOnlyList<PreferenceExample> rows) => Run(rows, withGradient: false, maxEvalRows);

    public long CountTokens(PreferenceExample row) => row.Responses.Index().Sum(response => (long)row.PromptLength(response.Index) + response.Item.Length);

    private Dictionary<string, double> Run(IReadOnlyList<PreferenceExample> rows, bool withGradient, int maxRows)
    {
        var means = new MetricMeans();
        var targets = rows.Sum(row => row.ScoredLengths.Sum());
        var balance = RouterBalance.Measure(model, MicroBatches.Split(rows, maxTokens, maxRows));
        foreach (var (number, micro) in MicroBatches.Split(rows, maxTokens, maxRows).Index())
        {
            model.BeginMicroBatch(number);
            using var scope = NewDisposeScope();
            using var batch = new PackedBatch(micro, model);
            using var routers = withGradient ? balance?.AddGradient(model, batch) : null;
            var scored = ScoredBatch.Run(model, batch, withGradient);
            CheckFinite(micro, scored.TokenLogps);
            var tokens = scored.Tokens;
            if (withGradient)
            {
                var coefficients = new float[tokens.Count];
                Array.Fill(coefficients, -1f / targets);
                scored.Backward(coefficients);
            }
            for (var i = 0; i < tokens.Count; i++)
            {
                means.Add("loss", -tokens.Logps[i]);
                means.Add("lm_loss", -tokens.Logps[i]);
                means.Add("entropy", tokens.Entropies[i]);
                means.Add("mean_token_accuracy", tokens.IsTop1[i]);
            }
        }
        return RouterMetrics.Add(balance, means.ToDictionary());
    }

    private static void CheckFinite(IReadOnlyList<PreferenceExample> rows, float[][] logps)
    {
        var rowOfResponse = rows.SelectMany(row => row.Responses.Select(_ => row.Row));
        foreach (var (row, tokens) in rowOfResponse.Zip(logps))
        {
            var logp = tokens.Sum();
            if (!float.IsFinite(logp))
                throw new NonFiniteLossException(row, $"Row {row}: the log-probability is {logp}; training stopped. Lower LearningRate, or look at the row.");
        }
    }
}
