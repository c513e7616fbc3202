using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using MLNet.Dpo.Training.Reference;
using TorchSharp;
using Xunit;

namespace MLNet.Dpo.Tests.Training.Objectives;

/// <summary>From rows to losses, metrics and gradients, for every loss.</summary>
public sealed class DpoObjectiveTests : IDisposable
{
    private readonly CausalLM _model = Fixtures.LoadLlama();
    private readonly List<PreferenceExample> _rows = Fixtures.Pairs(4);
    private readonly ReferenceLogps _reference = new();

    public DpoObjectiveTests()
    {
        _rows.Add(new PreferenceExample(4, [], [[5, 6, 7, 8], [9, 10]], [1, 0])); // no prompt: the first tokens are not predicted
        _rows.Add(new PreferenceExample(5, [11, 12], [[13], [14, 15], [16, 17, 18]], [2, 1, 0]));
        _reference.Add(_model, _rows, 512, _ => { }, default);
        using (torch.no_grad())
        {
            foreach (var projection in _model.Projections) _model.Parameters[projection.Name + ".weight"].mul_(1.05); // policy and reference differ
        }
        foreach (var parameter in _model.Parameters.Values) parameter.requires_grad_();
    }

    public static TheoryData<string> Types => [.. DpoLossType.All.Select(type => type.Name)];

    public void Dispose() => _model.Dispose();

    [Theory]
    [MemberData(nameof(Types))]
    public void AccumulateGradients_SmallMicroBatches_GivesTheSame(string type)
    {
        var whole = Run(type, o => o.LmLossScale = 0.25);
        var split = Run(type, o => { o.LmLossScale = 0.25; o.MaxTokensPerMicroBatch = 1; });
        Assert.All(whole.Metrics, metric => Assert.Equal(metric.Value, split.Metrics[metric.Key], 1e-4 * (1 + Math.Abs(metric.Value))));
        var largest = whole.Gradient.Max(Math.Abs);
        Assert.True(largest > 0);
        Assert.All(whole.Gradient.Zip(split.Gradient), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * largest));
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void AccumulateGradients_LmLossScale_AddsToAnyLoss(string type)
    {
        var (plain, with) = (Run(type, _ => { }), Run(type, o => o.LmLossScale = 0.5));
        Assert.Equal(plain.Metrics["loss"], plain.Metrics["dpo_loss"]);
        Assert.Equal(plain.Metrics["dpo_loss"], with.Metrics["dpo_loss"]);
        Assert.Equal(with.Metrics["dpo_loss"] + (0.5 * with.Metrics["lm_loss"]), with.Metrics["loss"], 1e-12);
        Assert.NotEqual(plain.Gradient, with.Gradient);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Evaluate_AnyLoss_HasTheSameMetricsButTheLosses(string type)
    {
        var sigmoid = Run("sigmoid", _ => { }).Metrics;
        var metrics = Run(type, _ => { }).Metrics;
        Assert.Equal(sigmoid.Keys, metrics.Keys);
        Assert.All(sigmoid.Where(metric => metric.Key is not ("loss" or "dpo_loss") && !(type == "simpo" && metric.Key.StartsWith("rewards/", StringComparison.Ordinal))), metric => Assert.Equal(metric.Value, metrics[metric.Key]));
    }

    [Fact]
    public void Evaluate_LossOnAverages_DividesByFullLengths()
    {
        var row = _rows[4]; // four tokens of which three are predicted, and two of which one is
        var logps = Logps(row);
        var reference = _reference[row];
        var chosen = logps[0][..1].Sum() - reference[0][..1].Sum(); // LdAlpha 0: as many tokens as are predicted of the shorter
        var rejected = logps[1].Sum() - reference[1].Sum();
        var expected = Math.Pow((chosen / 4.0) - (rejected / 2.0) - 5, 2);
        Assert.Equal(expected, Objective("ipo", o => o.LdAlpha = 0).Evaluate([row])["loss"], 1e-4);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Evaluate_EvalBatchSize_ChangesMemoryOnly(string type)
    {
        var whole = Objective(type, _ => { }).Evaluate(_rows);
        foreach (var size in new[] { 1, 2, 4 })
        {
            var split = Objective(type, o => o.EvalBatchSize = size).Evaluate(_rows);
            Assert.All(whole, metric => Assert.Equal(metric.Value, split[metric.Key], 1e-5 * (1 + Math.Abs(metric.Value))));
        }
    }

    [Fact]
    public void Evaluate_LossWithoutReference_RewardsAreMeansOverTokens()
    {
        var row = _rows[4];
        var logps = Logps(row);
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, LossType = DpoLossType.Simpo, Beta = 2 };
        var metrics = new DpoObjective(_model, options.ToSettings(), reference: null).Evaluate([row]);
        var (chosen, rejected) = (2 * logps[0].Sum() / 4, 2 * logps[1].Sum() / 2);
        Assert.Equal(chosen, metrics["rewards/chosen"], 1e-5);
        Assert.Equal(rejected, metrics["rewards/rejected"], 1e-5);
        Assert.Equal(Math.Log(1 + Math.Exp(0.5 - (chosen - rejected))), metrics["loss"], 1e-5);
    }

    [Fact]
    public void Evaluate_PairWeighting_WeighsPairsOrRows()
    {
        var alone = _rows.Select(row => Objective("sigmoid", _ => { }).Evaluate([row])["loss"]).ToArray(); // the last row has three pairs
        var byPairs = (alone[..^1].Sum() + (3 * alone[^1])) / (alone.Length + 2);
        Assert.Equal(byPairs, Objective("sigmoid", _ => { }).Evaluate(_rows)["loss"], 1e-5);
        var byRows = Objective("sigmoid", o => o.PairWeighting = PairWeighting.Rows).Evaluate(_rows);
        Assert.Equal(alone.Average(), byRows["loss"], 1e-5);
        Assert.Equal(Objective("sigmoid", _ => { }).Evaluate(_rows)["rewards/margins"], byRows["rewards/margins"]);
    }

    [Fact]
    public void AccumulateGradients_PromptWeights_TeachContextTurns()
    {
        var row = new PreferenceExample(0, [5, 6, 7, 8], [[9, 10], [11, 12, 13]], [1, 0]) { PromptWeights = [0, 0.5f, 0, 1] };
        _reference.Add(_model, [row], 512, _ => { }, default);
        var logps = PlainLogps([5, 6, 7, 8, 9, 10]);
        var expected = -((0.5 * logps[1]) + logps[3] + logps[4] + logps[5]) / 4;
        Assert.Equal(expected, Objective("sigmoid", o => o.LmLossScale = 1).Evaluate([row])["lm_loss"], 1e-5);

        var (learned, plain) = (Gradient(row), Gradient(row with { PromptWeights = null }));
        Assert.NotEqual(plain, learned);

        float[] Gradient(PreferenceExample example)
        {
            if (!ReferenceEquals(example, row)) _reference.Add(_model, [example], 512, _ => { }, default);
            foreach (var parameter in _model.Parameters.Values) parameter.grad = null;
            Objective("sigmoid", o => o.LmLossScale = 1).AccumulateGradients([example]);
            using var scope = torch.NewDisposeScope();
            return _model.Parameters["model.layers.0.mlp.down_proj.weight"].grad!.data<float>().ToArray();
        }
    }

    [Fact]
    public void AccumulateGradients_MasksAndWeights_AreTheFormula()
    {
        // Three turns: a learned one of weight 0.5, the user's, and three responses, of which the first two are learned, the second to three quarters.
        var row = new PreferenceExample(0, [5, 6, 7, 8, 9], [[10, 11], [12, 13, 14], [15]], [0.5f, 1, 0.1f]) { PromptWeights = [0.5f, 0.5f, 0.5f, 0, 0], LmWeights = [1, 0.75f, 0] };
        _reference.Add(_model, [row], 512, _ => { }, default);
        var name = "model.layers.0.mlp.down_proj.weight";

        using var scope = torch.NewDisposeScope();
        var logps = row.Responses.Select(response => TokenLogps([.. row.Prompt, .. response])).ToArray();
        var responses = logps.Select(logp => logp[4..]).ToArray();
        var sums = responses.Select((tokens, i) => tokens.sum() - _reference[row][i].Sum(logp => (double)logp)).ToArray();
        var dpo = -(Sigmoid(1, 0) + Sigmoid(1, 2) + Sigmoid(0, 2)) / 3;
        var lm = -((0.5 * logps[0][..2].sum()) + responses[0].sum() + (0.75 * responses[1].sum())) / 7; // 2 + 2 + 3 tokens have a weight
        var loss = (0.8 * dpo) + (0.3 * lm);
        foreach (var parameter in _model.Parameters.Values) parameter.grad = null;
        loss.backward();
        var expected = _model.Parameters[name].grad!.data<float>().ToArray();

        foreach (var parameter in _model.Parameters.Values) parameter.grad = null;
        var metrics = Objective("sigmoid", o => (o.DpoLossScale, o.LmLossScale) = (0.8, 0.3)).AccumulateGradients([row]);
        Assert.Equal(dpo.item<double>(), metrics["dpo_loss"], 1e-5);
        Assert.Equal(lm.item<double>(), metrics["lm_loss"], 1e-5);
        Assert.Equal(loss.item<double>(), metrics["loss"], 1e-5);
        var largest = expected.Max(Math.Abs);
        Assert.All(expected.Zip(_model.Parameters[name].grad!.data<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-4f * largest));

        torch.Tensor Sigmoid(int chosen, int rejected) => torch.nn.functional.logsigmoid(0.1 * (sums[chosen] - sums[rejected]));
    }

    [Fact]
    public void AccumulateGradients_RowsWithoutPairs_HaveTheLmLossAlone()
    {
        var plain = new PreferenceExample(0, [5, 6], [[7, 8, 9]], [1]);
        var metrics = Objective("sigmoid", o => o.LmLossScale = 0.5).AccumulateGradients([plain]);
        var expected = -PlainLogps([5, 6, 7, 8, 9])[2..].Average();
        Assert.Equal(expected, metrics["lm_loss"], 1e-5);
        Assert.Equal(0.5 * expected, metrics["loss"], 1e-5);
        Assert.DoesNotContain(metrics.Keys, key => key.StartsWith("rewards/", StringComparison.Ordinal) || key == "dpo_loss");

        var pair = Objective("sigmoid", _ => { }).Evaluate([_rows[0]]);
        Assert.All(Enum.GetValues<PairWeighting>(), weighting =>
            Assert.Equal(pair["dpo_loss"], Objective("sigmoid", o => (o.LmLossScale, o.PairWeighting) = (0.5, weighting)).Evaluate([plain, _rows[0]])["dpo_loss"], 1e-6));
    }

    [Theory]
    [InlineData(new float[] { 1, 0 }, new float[] { 1, 0 })]
    [InlineData(new float[] { 2, 3, 1 }, new float[] { 0, 1, 0 })]
    [InlineData(new float[] { 3, 3, 1 }, new float[] { 0.5f, 0.5f, 0 })]
    [InlineData(new float[0], new float[] { 0.5f, 0.5f })]
    public void LmWeights_WithoutMasks_AreTheBestResponses(float[] scores, float[] expected) =>
        Assert.Equal(expected, new PreferenceExample(0, [5], [.. expected.Select(_ => new[] { 6 })], scores).LmWeights);

    // The log-probabilities of a sequence's tokens but for the first, in float64, with gradients.
    private torch.Tensor TokenLogps(int[] tokens)
    {
        using var batch = new PackedBatch([new TokenGroup(tokens, [])], _model);
        var hidden = _model.Forward(batch.Tokens, batch.Positions, batch.Pattern);
        var logits = hidden.matmul(_model.Head.Weight.T).to(torch.float64);
        return logits.log_softmax(-1)[..^1].gather(1, torch.tensor(tokens[1..].Select(t => (long)t).ToArray()).unsqueeze(1)).squeeze(1);
    }

    // The log-probability of each token of a sequence; the first has none.
    private double[] PlainLogps(int[] tokens)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        using var batch = new PackedBatch([new TokenGroup(tokens, [])], _model);
        var logps = _model.Head.Logits(_model.Forward(batch.Tokens, batch.Positions, batch.Pattern)).log_softmax(-1);
        return [.. tokens.Select((token, i) => i == 0 ? double.NaN : logps.select(0, i - 1).select(0, token).item<float>())];
    }

    private float[][] Logps(PreferenceExample row)
    {
        using var scope = torch.NewDisposeScope();
        using var batch = new PackedBatch([row], _model);
        return ScoredBatch.Run(_model, batch, withGradient: false).TokenLogps;
    }

    private (Dictionary<string, double> Metrics, float[] Gradient) Run(string type, Action<DpoTrainer.Options> change)
    {
        foreach (var parameter in _model.Parameters.Values) parameter.grad = null;
        var metrics = Objective(type, change).AccumulateGradients(_rows);
        using var scope = torch.NewDisposeScope();
        return (metrics, _model.Parameters["model.layers.0.mlp.down_proj.weight"].grad!.data<float>().ToArray());
    }

    private DpoObjective Objective(string type, Action<DpoTrainer.Options> change)
    {
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, Device = "cpu", LossType = DpoLossType.Parse(type), Beta = 0.1 };
        if (type is "robust" or "exo_pair") options.LabelSmoothing = 0.1;
        change(options);
        options.Validate();
        return new DpoObjective(_model, options.ToSettings(), _reference);
    }
}
