using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Tests.Models.Architectures;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Packing;

/// <summary>The routers' auxiliary loss is transformers' formula over all sequences of a step, each alone and whole, however they are packed and split.</summary>
public class RouterBalanceTests
{
    private const double Coefficient = 0.7;

    [Theory]
    [InlineData("mixtral", int.MaxValue)]
    [InlineData("mixtral", 1)]
    [InlineData("qwen3_moe", int.MaxValue)]
    [InlineData("qwen3_moe", 1)]
    public void AccumulateGradients_AuxiliaryLoss_EqualsAutogradOverWholeSequences(string family, int maxTokens)
    {
        using var model = Load(family, Coefficient);
        var rows = Rows();
        var metrics = new SftObjective(model, maxTokens).AccumulateGradients(rows);
        var direct = TakeGradients(model);

        using var scope = NewDisposeScope();
        var collected = new Collector();
        using var tap = model.Tap(collected);
        var logps = rows.SelectMany(row => row.Responses.Select(response => Logps(model, row.Prompt, response))).ToList();
        var mean = cat(logps).mean().neg();
        var (aux, experts) = (collected.Loss(), model.Config.RouterLoss!.Experts);
        mean.add(aux.mul(tensor(Coefficient * experts)), 1).backward();

        Assert.Equal(aux.item<float>() * experts, metrics["aux_loss"], 1e-5);
        Assert.Equal(mean.item<float>() + (Coefficient * metrics["aux_loss"]), metrics["loss"], 1e-5);
        foreach (var ((name, expected), actual) in TakeGradients(model).Zip(direct)) Assert.True(Largest(expected, actual.Value) < 1e-5 + (1e-3 * expected.Max(Math.Abs)), $"{name}: {Largest(expected, actual.Value)}");
        Assert.Equal(metrics["loss"], new SftObjective(model, maxTokens).Evaluate(rows)["loss"], 1e-6);
    }

    [Fact]
    public void AccumulateGradients_NoAuxiliaryLoss_HasNoSuchMetric()
    {
        using var model = Load("mixtral", null);
        Assert.DoesNotContain("aux_loss", new SftObjective(model, 100).AccumulateGradients(Rows()).Keys);
    }

    private static CausalLM Load(string family, double? coefficient)
    {
        var json = Families.Json(family);
        if (coefficient is { } value) (json["output_router_logits"], json["router_aux_loss_coef"]) = (true, value);
        var model = Families.Load(json);
        foreach (var parameter in model.Parameters.Values) parameter.requires_grad_();
        return model;
    }

    private static List<PreferenceExample> Rows()
    {
        var random = new Random(9);
        int[] Tokens(int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(Families.Vocabulary))];
        return [new(0, Tokens(7), [Tokens(4), Tokens(6), Tokens(3)], [2, 1, 0]), new(1, Tokens(3), [Tokens(9)], [1])];
    }

    private static Tensor Logps(CausalLM model, int[] prompt, int[] response)
    {
        using var batch = new PackedBatch([new TokenGroup([.. prompt, .. response], [])], model);
        var logps = model.Head.Logits(model.Forward(batch.Tokens, batch.Positions, batch.Pattern)).log_softmax(-1).narrow(0, prompt.Length - 1, response.Length);
        return logps.gather(1, tensor(response.Select(id => (long)id).ToArray()).unsqueeze(1)).view(-1);
    }

    private static Dictionary<string, double[]> TakeGradients(CausalLM model)
    {
        var gradients = model.Parameters.ToDictionary(p => p.Key, p => p.Value.grad?.Values() ?? []);
        foreach (var parameter in model.Parameters.Values) parameter.grad = null;
        return gradients.Where(g => g.Value.Length > 0).ToDictionary();
    }

    private static double Largest(double[] left, double[] right) => left.Zip(right, (a, b) => Math.Abs(a - b)).Max();

    private sealed class Collector : IRouterTap
    {
        private readonly List<Tensor> _probabilities = [], _chosen = [];

        public Tensor Forward(Tensor probabilities, Tensor chosen)
        {
            _probabilities.Add(probabilities.MoveToOuterDisposeScope().MoveToOuterDisposeScope());
            _chosen.Add(nn.functional.one_hot(chosen, probabilities.size(1)).to(float32).MoveToOuterDisposeScope().MoveToOuterDisposeScope());
            return probabilities;
        }

        // Σ over the choices' places and experts of the share of tokens there times the mean probability.
        internal Tensor Loss() => (cat(_chosen).mean([0]) * cat(_probabilities).mean([0]).unsqueeze(0)).sum();
    }
}
