using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using MLNet.Dpo.Training;
using Xunit;

namespace MLNet.Dpo.Tests.Training;

/// <summary>An option that fits nothing in the model is an error that names it.</summary>
public sealed class LoraCheckTests : IDisposable
{
    private static readonly Dictionary<string, Action<LoraOptions>> Wrong = new()
    {
        ["TargetModules is qq_proj; this model has q_proj"] = o => o.TargetModules = ["qq_proj"],
        ["TargetModules has qq_proj, which is no projection"] = o => o.TargetModules = ["q_proj", "qq_proj"],
        ["TargetPattern is .*decoder.*; this model has"] = o => o.TargetPattern = ".*decoder.*",
        ["ExcludeModules has qq_proj"] = o => o.ExcludeModules = ["qq_proj"],
        ["ExcludePattern is qq.*, which matches no projection"] = o => o.ExcludePattern = "qq.*",
        ["which leaves no projection"] = o => (o.TargetModules, o.ExcludeModules) = (["q_proj"], ["q_proj"]),
        ["LayersToTransform has 2, but this model has layers 0 to 1"] = o => o.LayersToTransform = [0, 2],
        ["which leaves no projection; this model"] = o => (o.LayersToTransform, o.LayersPattern) = ([0], ["h"]),
        ["RankPattern has qq_proj, which matches none"] = o => o.RankPattern = new Dictionary<string, int> { ["qq_proj"] = 2 },
        ["AlphaPattern has lm_head, which matches none"] = o => o.AlphaPattern = new Dictionary<string, double> { ["lm_head"] = 2 },
        ["Rank is 999, but the widest"] = o => o.RankPattern = new Dictionary<string, int> { ["q_proj"] = 999 },
        ["has no more than 32 directions"] = o => (o.Rank, o.Alpha, o.Initialization) = (40, 1, LoraInitialization.Pissa),
        ["ModulesToSave has lm_haed, which is no module"] = o => o.ModulesToSave = ["lm_haed"],
        ["EnsureWeightTying is set, but this model's head and embedding are not one tensor"] = o => (o.ModulesToSave, o.EnsureWeightTying) = (["lm_head"], true),
        ["Bias is All, but this model has no biases"] = o => o.Bias = LoraBias.All,
        ["Bias is LoraOnly, but none of the projections"] = o => o.Bias = LoraBias.LoraOnly,
        ["whose input cannot be dropped"] = o => (o.TargetModules, o.Dropout) = (["lm_head"], 0.1),
    };

    private static readonly Dictionary<string, Action<LoraOptions>> Invalid = new()
    {
        ["TargetPattern has the regular expression (q, which cannot be read"] = o => o.TargetPattern = "(q",
        ["RankPattern has the regular expression (q"] = o => o.RankPattern = new Dictionary<string, int> { ["(q"] = 2 },
        ["RankPattern['q_proj'] is 0"] = o => o.RankPattern = new Dictionary<string, int> { ["q_proj"] = 0 },
        ["AlphaPattern['q_proj'] is -1"] = o => o.AlphaPattern = new Dictionary<string, double> { ["q_proj"] = -1 },
        ["TargetModules and Lora.TargetPattern are both set"] = o => (o.TargetModules, o.TargetPattern) = (["q_proj"], "q.*"),
        ["ExcludeModules and Lora.ExcludePattern are both set"] = o => (o.ExcludeModules, o.ExcludePattern) = (["q_proj"], "q.*"),
        ["say the layers in the pattern"] = o => (o.TargetPattern, o.LayersToTransform) = (".*", [0]),
        ["LayersPattern is set, but Lora.LayersToTransform is not"] = o => o.LayersPattern = ["layers"],
        ["layers are counted from 0 on"] = o => o.LayersToTransform = [-1],
        ["Dropout is 1; allowed"] = o => o.Dropout = 1,
        ["LoraPlusLrRatio is 0.5; allowed"] = o => o.LoraPlusLrRatio = 0.5,
        ["EnsureWeightTying is set, but Lora.ModulesToSave is empty"] = o => o.EnsureWeightTying = true,
        ["Initialization is 9; allowed: Kaiming, Gaussian, Pissa, Olora"] = o => o.Initialization = (LoraInitialization)9,
        ["UseDora is set too; the adapter brings its own"] = o => (o.InitialAdapter, o.UseDora, o.Rank, o.Alpha) = ("a", true, 64, null),
    };

    private readonly CausalLM _model = Fixtures.LoadLlama();

    public static TheoryData<string> AllWrong => [.. Wrong.Keys];

    public static TheoryData<string> AllInvalid => [.. Invalid.Keys];

    public void Dispose() => _model.Dispose();

    [Theory]
    [MemberData(nameof(AllWrong))]
    public void Fits_OptionThatFitsNothing_NamesIt(string expected)
    {
        var lora = new LoraOptions { Rank = 4 };
        Wrong[expected](lora);
        lora.Validate();
        var config = AdapterConfig.From(lora);
        var error = Assert.Throws<ArgumentException>(() =>
        {
            LoraCheck.Fits(lora, config, _model);
            AdapterSet.Fresh(_model, config, new Random(1)).Dispose();
        });
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [MemberData(nameof(AllInvalid))]
    public void Validate_SettingThatCannotBe_NamesIt(string expected)
    {
        var lora = new LoraOptions { Rank = 4, Alpha = 8 };
        Invalid[expected](lora);
        var error = Assert.Throws<ArgumentException>(lora.Validate);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Validate_DropoutAndRatioBesideAnInitialAdapter_AreAllowed() => new LoraOptions { InitialAdapter = "a", Dropout = 0.1, LoraPlusLrRatio = 4 }.Validate();
}
