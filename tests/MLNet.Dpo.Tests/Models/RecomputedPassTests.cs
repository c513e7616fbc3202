using MLNet.Dpo.Packing;
using MLNet.Dpo.Tests.Training;
using MLNet.Dpo.Training;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public class RecomputedPassTests
{
    [Theory]
    [InlineData(true, Precision.Float32, 2048)]
    [InlineData(false, Precision.Float32, 2048)]
    [InlineData(true, Precision.Float32, 40)] // several micro-batches
    [InlineData(false, Precision.BFloat16, 2048)]
    public void Train_LayersComputedAgain_GivesTheSameBits(bool lora, Precision precision, int maxTokens)
    {
        float[] Train(bool recomputed) => TinyTraining.Train(o =>
        {
            (o.Precision, o.MaxTokensPerMicroBatch, o.GradientCheckpointing, o.Epochs) = (precision, maxTokens, recomputed, 1);
            if (!lora) o.Lora = null;
        });
        Assert.Equal(Train(false), Train(true));
    }

    [Fact]
    public void Backward_TiedHead_GivesTheSameGradients()
    {
        var before = Tensors.Settled();
        float[] Gradients(bool recomputed)
        {
            using var scope = NewDisposeScope();
            var run = TrainingRun.Prepare(new SftTrainer.Options { BaseModel = Fixtures.PathTo("models", "llama-tied-rope3"), Lora = null, Device = "cpu", GradientCheckpointing = recomputed });
            using var model = run.Model;
            using var batch = new PackedBatch([.. Fixtures.Pairs(2).Select(row => new TokenGroup(row.Prompt, row.Responses))], model);
            var scored = ScoredBatch.Run(model, batch, withGradient: true);
            scored.Backward([.. Enumerable.Repeat(-0.1f, scored.Tokens.Count)]);
            float[] gradients = [.. run.Parameters.SelectMany(p => p.Value.grad!.data<float>().ToArray())];
            run.Freeze();
            return gradients;
        }
        Assert.Equal(Gradients(false), Gradients(true));
        Assert.Equal(before, Tensors.Settled());
    }
}
