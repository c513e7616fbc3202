using Microsoft.ML;
using Microsoft.ML.Data;
using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests;

/// <summary>Several adapters on one base: each is what it would be alone, and whoever uses one disturbs nobody else.</summary>
public sealed class NamedAdaptersTests : IDisposable
{
    private static readonly string B = Fixtures.PathTo("adapters", "llama-b"), F = Fixtures.PathTo("adapters", "llama-f");
    private readonly MLContext _ml = new(1);
    private readonly TemporaryFolder _folder = new();
    private readonly TransformerChain<CausalLMTransformer> _chain;

    public NamedAdaptersTests() => _chain = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu", adapter: B);

    private CausalLMTransformer Model => _chain.LastTransformer;

    private CausalLM Network => Model.Model.Network;

    public void Dispose()
    {
        Model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void UseAdapter_Each_SaysWhatItWouldAlone()
    {
        Model.LoadAdapter(F, "f");
        Assert.Equal(["default", "f"], Model.AdapterNames);
        string own = Alone(B), other = Alone(F), bare = Alone(null);
        Assert.Equal(3, new HashSet<string>([own, other, bare]).Count);
        Assert.Equal(own, Say(_chain));
        using (Model.UseAdapter("f"))
        {
            Assert.Equal("f", Model.ActiveAdapter);
            Assert.Equal(other, Say(_chain));
            using (Model.UseAdapter(null)) Assert.Equal((bare, (string?)null), (Say(_chain), Model.ActiveAdapter));
            using (Model.UseAdapter("default")) Assert.Equal(own, Say(_chain));
            Assert.Equal(other, Say(_chain));
        }
        Assert.Equal((own, "default"), (Say(_chain), Model.ActiveAdapter));
    }

    [Fact]
    public async Task UseAdapter_StreamsAtOnce_EachHasThatOfItsCall()
    {
        Model.LoadAdapter(F, "f");
        string?[] names = ["default", "f", null];
        var expected = names.Select(name => Alone(name == "f" ? F : name is null ? null : B)).ToArray();
        var streams = Enumerable.Range(0, 9).Select(i =>
        {
            using (Model.UseAdapter(names[i % 3])) return _ml.Preferences.GenerateStreamAsync(_chain, "Hi!", new GenerationOptions { MaxNewTokens = 8 });
        }).ToList();
        var said = await Task.WhenAll(streams.Select(stream => Task.Run(async () =>
        {
            var text = "";
            await foreach (var piece in stream) text += piece.Text;
            return text;
        })));
        Assert.Equal(Enumerable.Range(0, 9).Select(i => expected[i % 3]), said);
    }

    [Fact]
    public async Task UseAdapter_SeveralAtOnce_EachHasItsOwn()
    {
        Model.LoadAdapter(F, "f");
        string[] names = ["default", "f"];
        var expected = names.Select(name => Within(name, () => Say(_chain))).ToArray();
        var said = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => Within(names[i % 2], () => Say(_chain)))));
        Assert.Equal(Enumerable.Range(0, 6).Select(i => expected[i % 2]), said);
    }

    [Fact]
    public void SaveWithinAScope_Adapter_IsThatOne()
    {
        Model.LoadAdapter(F, "f");
        var other = Alone(F);
        using (Model.UseAdapter("f"))
        {
            Model.SaveAdapter(_folder["adapter"]);
            Model.SaveModelFolder(_folder["merged"]);
            _ml.Preferences.SaveZip(_chain, null, _folder["model.zip"]);
        }
        Assert.Contains("\"use_dora\": true", File.ReadAllText(Path.Combine(_folder["adapter"], "adapter_config.json")), StringComparison.Ordinal);
        Assert.Equal(other, Alone(_folder["adapter"]));
        using var merged = _ml.Preferences.LoadPretrained(_folder["merged"], Fixtures.TinyChatml, "cpu");
        Assert.Equal(other, Say(merged));
        var zip = _ml.Preferences.LoadZip(_folder["model.zip"], out _);
        using var loaded = _ml.Preferences.FindModel(zip);
        Assert.Equal(other, Say(zip));
    }

    [Fact]
    public void UseAdapter_Rewards_AreAgainstTheBase()
    {
        using var bare = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        Assert.False(bare.LastTransformer.HasReference);
        bare.LastTransformer.LoadAdapter(B, "b");
        Assert.True(bare.LastTransformer.HasReference);
        var expected = Rewards(_chain);
        using (bare.LastTransformer.UseAdapter("b")) Assert.Equal(expected, Rewards(bare));
        Assert.All(Rewards(bare), reward => Assert.Equal(0, reward));
    }

    [Fact]
    public void Errors_NamesThatAreNotThereOrThereAlready_SaySo()
    {
        Assert.Contains("no adapter 'x'; it has default", Assert.Throws<ArgumentException>(() => Model.UseAdapter("x")).Message, StringComparison.Ordinal);
        Assert.Contains("keeps that name", Assert.Throws<ArgumentException>(() => Model.LoadAdapter(F, "default")).Message, StringComparison.Ordinal);
        Model.LoadAdapter(F, "f");
        Assert.Contains("has an adapter 'f'", Assert.Throws<ArgumentException>(() => Model.LoadAdapter(F, "f")).Message, StringComparison.Ordinal);
        using (Model.UseAdapter("f")) Assert.Throws<InvalidOperationException>(() => Model.DeleteAdapter("f"));
        Assert.Throws<ArgumentException>(() => Model.DeleteAdapter("default"));
        Assert.Contains("is DoRA", Assert.Throws<NotSupportedException>(() => Model.AddWeightedAdapter(new Dictionary<string, double> { ["f"] = 1 }, "sum")).Message, StringComparison.Ordinal);
        Model.DeleteAdapter("f");
        Assert.Equal(["default"], Model.AdapterNames);
    }

    [Fact]
    public void DeleteAdapter_Added_FreesItsTensors()
    {
        Say(_chain);
        var before = Tensors.Settled();
        Model.LoadAdapter(F, "f");
        using (Model.UseAdapter("f")) Say(_chain);
        Model.AddWeightedAdapter(new Dictionary<string, double> { ["default"] = 2 }, "twice");
        Model.DeleteAdapter("f");
        Model.DeleteAdapter("twice");
        Assert.Equal(before, Tensors.Settled());
    }

    [Theory]
    [InlineData(AdapterCombination.Cat, 1e-6)]
    [InlineData(AdapterCombination.Svd, 1e-5)] // two updates of rank 4 in modules that only one of them has, or that are the same
    public void AddWeightedAdapter_Sum_IsTheSumOfTheUpdates(AdapterCombination combination, double tolerance)
    {
        Other("q_proj", rank: 4);
        Model.LoadAdapter(_folder["other"], "other");
        Model.AddWeightedAdapter(new Dictionary<string, double> { ["default"] = 0.7, ["other"] = -0.4 }, "sum", combination);
        Model.AddWeightedAdapter(new Dictionary<string, double> { ["default"] = 1, ["sum"] = -1 }, "difference", AdapterCombination.Cat);
        foreach (var projection in Network.Projections)
        {
            var expected = Update("default", projection).mul(tensor(0.7f)).sub(projection.Name.EndsWith("q_proj", StringComparison.Ordinal) ? Update("other", projection).mul(tensor(0.4f)) : zeros(1));
            if (combination == AdapterCombination.Svd && projection.Name.EndsWith("q_proj", StringComparison.Ordinal)) continue; // of rank 8, cut to 4
            Assert.True(Tensors.Difference(expected, Update("sum", projection)) < tolerance);
        }
    }

    [Fact]
    public void AddWeightedAdapter_LinearOfOne_IsItsMultiple()
    {
        Model.AddWeightedAdapter(new Dictionary<string, double> { ["default"] = -1.5 }, "opposite");
        foreach (var projection in Network.Projections) Assert.True(Tensors.Difference(Update("default", projection).mul(tensor(-1.5f)), Update("opposite", projection)) < 1e-6);
        using (Model.UseAdapter("opposite")) Model.SaveAdapter(_folder["saved"]);
        Assert.Equal(Within("opposite", () => Say(_chain)), Alone(_folder["saved"]));
    }

    [Fact]
    public void AddWeightedAdapter_LinearOfOtherRanks_SaysWhatToUse()
    {
        Other("q_proj", rank: 2);
        Model.LoadAdapter(_folder["other"], "other");
        var error = Assert.Throws<ArgumentException>(() => Model.AddWeightedAdapter(new Dictionary<string, double> { ["default"] = 1, ["other"] = 1 }, "sum"));
        Assert.Contains("have ranks 4 and 2 at model.layers.0.self_attn.q_proj", error.Message, StringComparison.Ordinal);
        Assert.Equal(["default", "other"], Model.AdapterNames);
    }

    private void Other(string target, int rank)
    {
        using var model = Fixtures.LoadLlama();
        var config = AdapterConfig.From(new LoraOptions { Rank = rank, Alpha = 3, TargetModules = [target] });
        AdapterSet.Fresh(model, config, new Random(5)).Put(model);
        foreach (var (name, parameter) in AdapterTensors.Trained(model, AdapterState.Policy))
            if (name.EndsWith("lora_B.weight", StringComparison.Ordinal)) parameter.fill_(0.1);
        AdapterFolder.Save(model, config, _folder["other"], null);
    }

    private Tensor Update(string name, Linear projection)
    {
        using (Model.UseAdapter(name)) Model.SaveModelFolder(_folder["merged-" + name]);
        using var merged = ModelFolder.Load(_folder["merged-" + name], CPU);
        return merged.Parameters[projection.Name + ".weight"].sub(Network.Parameters[projection.Name + ".weight"]);
    }

    private T Within<T>(string name, Func<T> run)
    {
        using (Model.UseAdapter(name)) return run();
    }

    private string Alone(string? adapter)
    {
        using var chain = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu", adapter: adapter);
        return Say(chain);
    }

    private string Say(ITransformer chain) => _ml.Preferences.Generate(chain, "Hi!", new GenerationOptions { MaxNewTokens = 8 });

    private float[] Rewards(TransformerChain<CausalLMTransformer> chain)
    {
        var rows = _ml.Data.LoadFromEnumerable(new[] { new { Prompt = "hi", Chosen = "hello", Rejected = "good morning" } });
        return chain.Transform(rows).GetColumn<float[]>(ColumnNames.Rewards).Single();
    }
}
