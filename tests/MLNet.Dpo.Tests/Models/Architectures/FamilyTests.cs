using MLNet.Dpo.Adapters;
using MLNet.Dpo.Arithmetic;
using MLNet.Dpo.Generation;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Tests.Generation;
using MLNet.Dpo.Training;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models.Architectures;

/// <summary>What holds for every family: packing, sharing prompts and the cache change no number; adapters reach all projections and can be merged.</summary>
public class FamilyTests
{
    private const double Tolerance = 5e-5;

    public static TheoryData<string> All => [.. Families.Names];

    // Lengths on both sides of windows and of the original contexts of rope scalings.
    [Theory]
    [MemberData(nameof(All))]
    public void Run_PackedWithSharedPrompts_EqualsEachSequenceAlone(string family)
    {
        using var model = Families.Load(family);
        var random = new Random(4);
        PreferenceExample[] rows =
        [
            Row(random, 9, [1, 5, 8]),
            Row(random, 14, [3, 11, 30]),
            Row(random, 1, [12]),
        ];
        var alone = rows.SelectMany(row => row.Responses.Select(response => Plain(model, row.Prompt, response))).ToArray();
        using var scope = NewDisposeScope();
        using var batch = new PackedBatch(rows, model);
        AssertClose(alone, [.. ScoredBatch.Logps(model, batch).Select(tokens => tokens.Sum(logp => (double)logp))]);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Backward_PackedWithSharedPrompts_EqualsAutogradOfEachSequenceAlone(string family)
    {
        using var model = Families.Load(family);
        foreach (var parameter in model.Parameters.Values) parameter.requires_grad_();
        var random = new Random(5);
        PreferenceExample[] rows = [Row(random, 8, [4, 9]), Row(random, 13, [2, 19])];

        using var scope = NewDisposeScope();
        var losses = rows.SelectMany(row => row.Responses.Select(response => Logp(model, row.Prompt, response))).ToList();
        foreach (var loss in losses) loss.backward();
        var expected = model.Parameters.ToDictionary(p => p.Key, p => p.Value.grad?.clone());
        foreach (var parameter in model.Parameters.Values) parameter.grad = null;

        using var batch = new PackedBatch(rows, model);
        var scored = ScoredBatch.Run(model, batch, withGradient: true);
        scored.Backward([.. Enumerable.Repeat(1f, scored.Tokens.Count)]);
        foreach (var (name, parameter) in model.Parameters)
        {
            if (expected[name] is not { } gradient) Assert.True(parameter.grad is null || parameter.grad.abs().max().item<float>() == 0, name);
            else Assert.True(Tensors.Difference(gradient, parameter.grad!) < 1e-3 * (1e-2 + gradient.abs().max().item<float>()), $"{name}: {Tensors.Difference(gradient, parameter.grad!)}");
        }
    }

    // Beyond windows, and for Phi-3 past the length at which the cache is made anew. Others keep keys that were rotated by earlier frequencies, as transformers does.
    [Theory]
    [MemberData(nameof(All))]
    public void Generate_WithCache_EqualsWholeSequences(string family)
    {
        if (family is "llama dynamic" or "llama longrope") return;
        using var model = Families.Load(family);
        var random = new Random(6);
        int[][] prompts = [Tokens(random, 4), Tokens(random, 15)];
        var generated = new TokenGenerator(model, new GenerationOptions { MaxNewTokens = 22 }, []).Ids(prompts);
        foreach (var (prompt, ids) in prompts.Zip(generated)) Assert.Equal(Greedy(model, prompt, ids.Length), ids);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Merge_AdaptersOnAllProjections_GiveTheSameLogitsWhenReadAgain(string family)
    {
        using var folder = new TemporaryFolder();
        using var model = Families.Load(family);
        var random = new Random(7);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var tokens = Tokens(random, 19);
        var before = Logits(model, tokens);
        foreach (var projection in model.Projections)
        {
            var adapter = LoraAdapter.Initialize(projection, 3, 0.7, random);
            adapter.B.add_(0.05);
            projection.Adapter = adapter;
        }
        var adapted = Logits(model, tokens);
        ModelFolder.Save(model, folder["merged"]);
        using var merged = ModelFolder.Load(folder["merged"], CPU);
        var again = Logits(merged, tokens);
        Assert.True(Largest(before, adapted) > 1e-2);
        Assert.True(Largest(adapted, again) < 2e-4, $"{Largest(adapted, again)}");
    }

    // DoRA that begins as a part of every projection and of the head, all biases, and whole embeddings, norms and routers.
    [Theory]
    [MemberData(nameof(All))]
    public void Adapt_EveryPart_TrainsAndIsReadAgain(string family)
    {
        using var folder = new TemporaryFolder();
        using var model = Families.Load(family);
        var config = EveryPart(model);
        var tokens = Tokens(new Random(8), 19);
        var before = Logits(model, tokens);
        AdapterSet.Fresh(model, config, new Random(1)).Put(model);
        using (model.Use(AdapterState.Reference)) Assert.Equal(before, Logits(model, tokens));
        Assert.True(Largest(before, Logits(model, tokens)) < 1e-5);

        var trained = AdapterTensors.Trained(model, AdapterState.Policy).ToList();
        foreach (var (_, parameter) in trained)
        {
            using (no_grad()) parameter.PlusInPlace(Tensors.Random(3, parameter.shape).mul(tensor(0.05f)));
        }
        CheckGradients(model, trained);
        using var noGrad = no_grad();
        var adapted = Logits(model, tokens);
        Assert.True(Largest(before, adapted) > 1e-2);

        AdapterFolder.Save(model, config, folder["adapter"], null);
        using var again = Families.Load(family);
        AdapterFolder.Load(again, folder["adapter"]);
        Assert.True(Largest(adapted, Logits(again, tokens)) < 2e-4);
        ModelFolder.Save(again, folder["merged"]);
        using var merged = ModelFolder.Load(folder["merged"], CPU);
        Assert.True(Largest(adapted, Logits(merged, tokens)) < 5e-4, $"{Largest(adapted, Logits(merged, tokens))}");
    }

    private static AdapterConfig EveryPart(CausalLM model)
    {
        var projections = model.Adaptable.Select(p => p.Name).ToHashSet();
        var whole = model.Weights.Select(w => w.Name[..w.Name.LastIndexOf('.')]).Where(name => !projections.Any(p => p == name || p.StartsWith(name + '.', StringComparison.Ordinal)) && !name.Contains("experts", StringComparison.Ordinal));
        return AdapterConfig.From(new LoraOptions
        {
            Rank = 2,
            Alpha = 3,
            UseDora = true,
            Initialization = LoraInitialization.Olora,
            TargetModules = [LoraOptions.AllLinear, "lm_head"],
            ModulesToSave = [.. whole.Distinct()],
            Bias = model.Weights.Any(w => w.Name.Contains("experts", StringComparison.Ordinal)) ? LoraBias.LoraOnly : LoraBias.All,
        });
    }

    private static void CheckGradients(CausalLM model, IReadOnlyList<KeyValuePair<string, Tensor>> trained)
    {
        foreach (var (_, parameter) in trained) parameter.requires_grad_();
        var row = Row(new Random(5), 8, [4, 9]);
        using var scope = NewDisposeScope();
        foreach (var response in row.Responses) Logp(model, row.Prompt, response).backward();
        var expected = trained.ToDictionary(p => p.Key, p => p.Value.grad?.clone());
        foreach (var (_, parameter) in trained) parameter.grad = null;
        using var batch = new PackedBatch([row], model);
        var scored = ScoredBatch.Run(model, batch, withGradient: true);
        scored.Backward([.. Enumerable.Repeat(1f, scored.Tokens.Count)]);
        foreach (var (name, parameter) in trained)
        {
            if (expected[name] is { } gradient && gradient.abs().max().item<float>() is var largest and > 0) Assert.True(Tensors.Difference(gradient, parameter.grad!) < 1e-3 * (1e-2 + largest), $"{name}: {Tensors.Difference(gradient, parameter.grad!)} of {largest}");
            parameter.requires_grad_(false);
        }
    }

    [Theory]
    [InlineData("llama", "q_proj k_proj v_proj o_proj gate_proj up_proj down_proj")]
    [InlineData("phi3", "qkv_proj o_proj gate_up_proj down_proj")]
    [InlineData("glm4", "q_proj k_proj v_proj o_proj gate_up_proj down_proj")]
    [InlineData("gpt2", "c_attn c_proj c_fc c_proj")]
    [InlineData("starcoder2", "q_proj k_proj v_proj o_proj c_fc c_proj")]
    [InlineData("mixtral", "q_proj k_proj v_proj o_proj")]
    public void Projections_OfALayer_HaveTheNamesThatPeftTargets(string family, string names)
    {
        using var model = Families.Load(family);
        Assert.Equal(names.Split(' '), model.Projections.Take(names.Split(' ').Length).Select(projection => projection.Name.Split('.')[^1]));
        Assert.Equal(2 * names.Split(' ').Length, model.Projections.Count());
    }

    [Fact]
    public void Save_AdapterOfGpt2_SaysHowItsWeightsLieAndIsReadAgain()
    {
        using var folder = new TemporaryFolder();
        using var model = Families.Load("gpt2");
        using var again = Families.Load("gpt2");
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var config = AdapterConfig.From(new LoraOptions { Rank = 2 });
        foreach (var projection in model.Projections)
        {
            projection.Adapter = config.Initialize(projection, new Random(1));
            projection.Adapter.Parameters[1].Value.add_(0.1);
        }
        AdapterFolder.Save(model, config, folder["adapter"], null);
        Assert.Contains("\"fan_in_fan_out\": true", File.ReadAllText(Path.Combine(folder["adapter"], AdapterFolder.ConfigName)), StringComparison.Ordinal);
        AdapterFolder.Load(again, folder["adapter"]);
        Assert.Equal(Logits(model, [1, 2, 3, 4]), Logits(again, [1, 2, 3, 4]));
    }

    [Fact]
    public void Forward_Gpt2BeyondItsPositions_SaysWhichLengthIsAllowed()
    {
        using var model = Families.Load("gpt2");
        var error = Assert.Throws<ArgumentException>(() => Plain(model, Tokens(new Random(1), 60), Tokens(new Random(2), 5)));
        Assert.Contains("65 tokens, and this model has learned positions for 64; lower MaxLength to 64", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(All))]
    public void Backward_LayersComputedAgain_GivesTheSameBitsInEitherPrecision(string family)
    {
        var (wide, wideAgain) = (Gradients(family, ScalarType.Float32, again: false), Gradients(family, ScalarType.Float32, again: true));
        var (narrow, narrowAgain) = (Gradients(family, ScalarType.BFloat16, again: false), Gradients(family, ScalarType.BFloat16, again: true));
        Assert.Equal(wide.Values, wideAgain.Values);
        Assert.Equal(narrow.Values, narrowAgain.Values);
        Assert.All(wide.Logps.Zip(narrow.Logps), pair => Assert.Equal(pair.First, pair.Second, 0.25));
        var error = Math.Sqrt(wide.Values.Zip(narrow.Values, (a, b) => Math.Pow((double)a - b, 2)).Sum() / wide.Values.Sum(a => (double)a * a));
        Assert.True(error < 0.15, $"relative error {error}");
    }

    // Of all weights, for some coefficients of the log-probabilities.
    private static (float[] Values, float[] Logps) Gradients(string family, ScalarType dtype, bool again)
    {
        using var scope = NewDisposeScope();
        using var model = Families.Load(family, dtype);
        model.RecomputesLayers = again;
        if (model.Masters is { } masters) masters.RecordGradients(true);
        else foreach (var parameter in model.Parameters.Values) parameter.requires_grad_();
        var random = new Random(5);
        using var batch = new PackedBatch([Row(random, 8, [4, 9]), Row(random, 13, [2, 19])], model);
        var scored = ScoredBatch.Run(model, batch, withGradient: true);
        scored.Backward([.. scored.Tokens.Logps.Select((_, i) => (i % 3) - 0.8f)]);
        return ([.. model.Parameters.Values.SelectMany(p => p.grad?.data<float>().ToArray() ?? [])], scored.Tokens.Logps);
    }

    private static PreferenceExample Row(Random random, int prompt, int[] responses) =>
        new(0, Tokens(random, prompt), [.. responses.Select(length => Tokens(random, length))], [.. responses.Select(_ => 1f)]);

    private static int[] Tokens(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.Next(Families.Vocabulary))];

    private static double Plain(CausalLM model, int[] prompt, int[] response)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        return Logp(model, prompt, response).item<float>();
    }

    // The sum over the response, from the logits of the whole sequence under autograd.
    private static Tensor Logp(CausalLM model, int[] prompt, int[] response)
    {
        int[] all = [.. prompt, .. response];
        var logps = WholeLogits(model, all).log_softmax(-1).narrow(0, prompt.Length - 1, response.Length);
        return logps.gather(1, tensor(response.Select(id => (long)id).ToArray()).unsqueeze(1)).sum();
    }

    private static Tensor WholeLogits(CausalLM model, int[] tokens)
    {
        using var batch = new PackedBatch([new TokenGroup(tokens, [])], model);
        return model.Head.Logits(model.Forward(batch.Tokens, batch.Positions, batch.Pattern));
    }

    private static double[] Logits(CausalLM model, int[] tokens) => WholeLogits(model, tokens).Values();

    private static int[] Greedy(CausalLM model, int[] prompt, int count)
    {
        using var noGrad = no_grad();
        var all = prompt.ToList();
        for (var i = 0; i < count; i++)
        {
            using var scope = NewDisposeScope();
            all.Add((int)WholeLogits(model, [.. all])[-1].argmax().item<long>());
        }
        return [.. all.Skip(prompt.Length)];
    }

    private static double Largest(double[] left, double[] right) => left.Zip(right, (a, b) => Math.Abs(a - b)).Max();

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        Assert.All(expected.Zip(actual), pair => Assert.True(Math.Abs(pair.First - pair.Second) <= Tolerance * (1 + Math.Abs(pair.First)), $"{pair.First} against {pair.Second}"));
    }
}
