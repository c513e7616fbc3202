using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Objectives;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Training.Objectives;

public class SftObjectiveTests
{
    /// <summary>A tied head's gradient has two parts, one of them outside autograd; qwen2's biases have one too.</summary>
    [Theory]
    [InlineData("llama")]
    [InlineData("llama-tied-rope3")]
    [InlineData("qwen2")]
    public void AccumulateGradients_AllWeights_EqualAutogradThroughTheLogits(string name)
    {
        var run = TrainingRun.Prepare(new SftTrainer.Options { BaseModel = Fixtures.PathTo("models", name), Lora = null, Device = "cpu" });
        using var model = run.Model;
        var rows = Fixtures.Pairs(3);

        new SftObjective(model, 20).AccumulateGradients(rows);
        var direct = TakeGradients(run);
        Autograd(model, rows);

        Assert.All(TakeGradients(run).Zip(direct, run.Parameters), x =>
        {
            var difference = Math.Sqrt(x.First.Zip(x.Second, (a, b) => Math.Pow((double)a - b, 2)).Sum());
            Assert.True(difference <= 1e-5 * Math.Sqrt(x.First.Sum(a => (double)a * a)), $"{x.Third.Key}: {difference}");
        });
    }

    private static void Autograd(CausalLM model, IReadOnlyList<PreferenceExample> rows)
    {
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch(rows, model);
        var hidden = model.Forward(batch.Tokens, batch.Positions, batch.Pattern).index_select(0, batch.ScoredRows);
        model.Head.Logits(hidden).log_softmax(-1).gather(1, batch.Targets.unsqueeze(1)).mean().neg().backward();
    }

    private static float[][] TakeGradients(TrainingRun run)
    {
        var gradients = run.Parameters.Select(p => p.Value.grad!.data<float>().ToArray()).ToArray();
        foreach (var (_, parameter) in run.Parameters) parameter.grad = null;
        return gradients;
    }
}
