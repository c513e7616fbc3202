using MLNet.Dpo.Models;
using MLNet.Dpo.Tests.Models.Architectures;
using Xunit;
using static TorchSharp.torch;

namespace MLNet.Dpo.Tests.Models;

public class FreshWeightsTests
{
    public static TheoryData<string> All => [.. Families.Names];

    [Theory]
    [MemberData(nameof(All))]
    public void Get_EveryFamily_HasNormsOfOneBiasesOfZeroAndMatricesOfTheRange(string family)
    {
        set_num_threads(1);
        var json = Families.Json(family);
        json["initializer_range"] = 0.3;
        var config = Families.Read(json);
        using var model = new CausalLM(config, new FreshWeights(config, seed: 3), CPU);
        foreach (var (name, weight) in model.Parameters)
        {
            using var scope = NewDisposeScope();
            var (least, most) = (weight.min().item<float>(), weight.max().item<float>());
            if (name.EndsWith(".sinks", StringComparison.Ordinal) || name.EndsWith("router.bias", StringComparison.Ordinal)) Assert.True(least < most);
            else if (name.EndsWith("bias", StringComparison.Ordinal)) Assert.Equal((0, 0), (least, most));
            else if (weight.dim() == 1 || name.Contains("norm", StringComparison.Ordinal)) Assert.Equal(family.StartsWith("gemma", StringComparison.Ordinal) ? (0, 0) : (1, 1), (least, most));
            else Assert.InRange(weight.std().item<float>(), family == "gpt2" && name.EndsWith("c_proj.weight", StringComparison.Ordinal) ? 0.1 : 0.22, 0.38);
        }
    }

    [Fact]
    public void Get_PaddingToken_HasNoEmbedding()
    {
        var json = Families.Json("llama");
        json["pad_token_id"] = 5;
        var config = Families.Read(json);
        using var model = new CausalLM(config, new FreshWeights(config, seed: 3), CPU);
        var norms = model.Parameters["model.embed_tokens.weight"].norm(1).Values();
        Assert.Equal(0, norms[5]);
        Assert.All(norms.Index().Where(row => row.Index != 5), row => Assert.True(row.Item > 0));
    }
}
