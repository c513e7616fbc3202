using static TorchSharp.torch;

namespace MLNet.Dpo;

/// <summary>Supervised fine-tuning: the mean negative log-probability of all response tokens of a step, as TRL's SFTTrainer on completions.</summary>
internal sealed class SftObjective(CausalLM model, int maxTokens) : ITrainingObjective
{
    public string Description => "SFT";

    public Dictionary<string, double> AccumulateGradients(IReadOnlyList<PreferenceExample> rows) => Run(rows, withGradient: true);

    public Dictionary<string, double> Evaluate(IReadOnlyList<PreferenceExample> rows) => Run(rows, withGradient: false);

    public long CountTokens(PreferenceExample row) => row.Responses.Sum(response => (long)row.Prompt.Length + response.Length);

    private Dictionary<string, double> Run(IReadOnlyList<PreferenceExample> rows, bool withGradient)
    {
        var means = new MetricMeans();
        var targets = rows.Sum(row => row.Responses.Sum(r => r.Length - (row.Prompt.Length == 0 ? 1 : 0)));
        foreach (var micro in MicroBatches.Split(rows, maxTokens))
        {
            using var scope = NewDisposeScope();
            using var batch = new PackedBatch(micro, model);
            var scored = ScoredBatch.Run(model, batch, withGradient);
            CheckFinite(micro, scored.ResponseLogps);
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
        return means.ToDictionary();
    }

    private static void CheckFinite(IReadOnlyList<PreferenceExample> rows, double[] logps)
    {
        var response = 0;
        foreach (var row in rows)
        {
            foreach (var _ in row.Responses)
            {
                if (!double.IsFinite(logps[response++]))
                    throw new NonFiniteLossException(row.Row, $"Row {row.Row}: the log-probability is {logps[response - 1]}; training stopped. Lower LearningRate, or look at the row.");
            }
        }
    }
}
