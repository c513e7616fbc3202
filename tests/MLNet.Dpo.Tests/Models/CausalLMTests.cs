using MLNet.Dpo.Adapters;
using MLNet.Dpo.Generation;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Tests.Generation;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public class CausalLMTests
{
    [Fact]
    public void Constructor_WeightMissing_LeavesNoTensorBehind()
    {
        using var model = Fixtures.LoadLlama();
        var before = Tensors.Settled();
        Assert.Throws<InvalidDataException>(() => new CausalLM(model.Config, new WithoutHead(), CPU));
        Assert.Equal(before, Tensor.TotalCount);
    }

    [Fact]
    public void Forward_NarrowType_IsCloseToFloat32()
    {
        using var scope = NewDisposeScope();
        using CausalLM wide = Fixtures.LoadLlama(), narrow = LoadNarrow();
        Assert.All(narrow.Parameters.Values, parameter => Assert.Equal(ScalarType.BFloat16, parameter.dtype));

        float[] expected = Logps(wide), actual = Logps(narrow);
        Assert.All(expected.Zip(actual), pair => Assert.True(Math.Abs(pair.First - pair.Second) < 0.1, $"{pair.First} in float32, {pair.Second} in bfloat16"));
        Assert.NotEqual(expected, actual);
    }

    [Fact]
    public void Backward_NarrowType_GivesLoraFloat32GradientsCloseToFloat32s()
    {
        using CausalLM wide = Fixtures.LoadLlama(), narrow = LoadNarrow();
        float[][] expected = LoraGradients(wide), actual = LoraGradients(narrow);
        Assert.All(expected.Zip(actual), pair =>
        {
            var error = Math.Sqrt(pair.First.Zip(pair.Second, (a, b) => Math.Pow((double)a - b, 2)).Sum() / pair.First.Sum(a => (double)a * a));
            Assert.True(error < 0.1, $"relative error {error}");
        });
    }

    [Fact]
    public void Generate_NarrowType_EqualsRunningTheWholeSequenceEveryTime()
    {
        using var model = LoadNarrow();
        int[] prompt = [1, 50, 60, 70];
        var generated = new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 20 }, []).Ids([prompt, [3, 4]])[0];
        Assert.Equal(20, generated.Length);

        // What the cache chose must be as probable, up to rounding, as the best that the whole sequence gives.
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var batch = new PackedBatch([new TokenGroup([.. prompt, .. generated], [])], model);
        var logps = model.Head.Logits(model.Forward(batch.Tokens, batch.Positions, batch.Pattern)).log_softmax(-1);
        for (var i = 0; i < generated.Length; i++)
        {
            var row = logps[prompt.Length + i - 1];
            Assert.Equal(row.max().item<float>(), row[generated[i]].item<float>(), 0.1f);
        }
    }

    [Fact]
    public void SaveModelFolder_NarrowType_IsStoredAsItIs()
    {
        using var folder = new TemporaryFolder();
        using var model = LoadNarrow();
        ModelFolder.Save(model, folder["saved"]);
        using var again = ModelFolder.Load(folder["saved"], CPU, ScalarType.BFloat16);
        Assert.Equal(Logps(model), Logps(again));
        Assert.Contains("bfloat16", File.ReadAllText(Path.Combine(folder["saved"], "config.json")), StringComparison.Ordinal);
    }

    private static CausalLM LoadNarrow() => ModelFolder.Load(Fixtures.Llama, CPU, ScalarType.BFloat16);

    private static float[] Logps(CausalLM model)
    {
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch(Fixtures.Pairs(6), model);
        return [.. ScoredBatch.Logps(model, batch).SelectMany(tokens => tokens)];
    }

    private static float[][] LoraGradients(CausalLM model)
    {
        var random = new Random(1);
        var adapters = model.Projections.Select(projection =>
        {
            var adapter = LoraAdapter.Initialize(projection, 4, 2, random);
            adapter.B.add_(0.02);
            projection.Adapter = adapter;
            return adapter;
        }).ToList();
        foreach (var parameter in adapters.SelectMany(adapter => adapter.Parameters)) parameter.Value.requires_grad_();
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch(Fixtures.Pairs(6), model);
        var scored = ScoredBatch.Run(model, batch, withGradient: true);
        scored.Backward([.. Enumerable.Repeat(1f, scored.Tokens.Count)]);
        return [.. adapters.SelectMany(adapter => adapter.Parameters).Select(parameter => parameter.Value.grad!.data<float>().ToArray())];
    }

    private sealed class WithoutHead : IWeightSource
    {
        public Tensor Get(string name, long[] shape, ScalarType dtype, Device device) =>
            name == "lm_head.weight" ? throw new InvalidDataException(name) : zeros(shape, dtype, device);
    }
}
