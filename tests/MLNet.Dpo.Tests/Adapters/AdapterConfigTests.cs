using System.Text.Json.Nodes;
using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using Xunit;

namespace MLNet.Dpo.Tests.Adapters;

public class AdapterConfigTests
{
    [Theory]
    [InlineData("peft_type", "\"LOHA\"", "peft_type is 'LOHA'; supported: LORA")]
    [InlineData("bias", "\"some\"", "bias is 'some'; supported: none, all, lora_only")]
    [InlineData("lora_bias", "true", "lora_bias is true; supported: null, false or absent")]
    [InlineData("target_parameters", "[\"mlp.experts.down_proj\"]", "target_parameters is [\"mlp.experts.down_proj\"]; supported: null, false or absent")]
    [InlineData("layer_replication", "[[0, 1]]", "layer_replication is [[0,1]]; supported: null, false or absent")]
    [InlineData("trainable_token_indices", "[1]", "trainable_token_indices is [1]; supported: null, false or absent")]
    [InlineData("alora_invocation_tokens", "[5]", "alora_invocation_tokens is [5]; supported: null, false or absent")]
    [InlineData("a_setting_of_tomorrow", "\"on\"", "a_setting_of_tomorrow is \"on\"; supported: null, false or absent")]
    public void Read_UnsupportedSetting_SaysSo(string key, string value, string message)
    {
        var error = Assert.Throws<NotSupportedException>(() => Read(key, value));
        Assert.Equal("a/adapter_config.json: " + message + ".", error.Message);
    }

    [Theory]
    [InlineData("\"pissa_niter_16\"")]
    [InlineData("\"loftq\"")]
    [InlineData("\"corda\"")]
    public void Read_AdapterThatBeganWithAChangedBase_SaysSo(string beginning)
    {
        var error = Assert.Throws<NotSupportedException>(() => Read("init_lora_weights", beginning));
        Assert.Contains($"init_lora_weights is {beginning}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("r", "null", "key r is missing")]
    [InlineData("r", "4.5", "r is 4.5; expected a whole number")]
    [InlineData("rank_pattern", "[]", "rank_pattern is []; expected an object")]
    [InlineData("rank_pattern", "{\"(q\": 4}", "a/adapter_config.json: rank_pattern has the regular expression (q")]
    public void Read_WrongValue_SaysWhatIsExpected(string key, string value, string message) =>
        Assert.Contains(message, Assert.Throws<InvalidDataException>(() => Read(key, value)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("r", "0", "r is 0 for q_proj; allowed: a whole number, 1 or more")]
    [InlineData("r", "-3", "r is -3 for q_proj")]
    [InlineData("rank_pattern", "{\"q_proj\": 2.5}", "r is 2.5 for q_proj")]
    [InlineData("rank_pattern", "{\"q_proj\": 1e300}", "r is 1E+300 for q_proj")]
    [InlineData("lora_alpha", "1e300", "which a float32 does not hold")]
    [InlineData("alpha_pattern", "{\"q_proj\": 1e300}", "which a float32 does not hold")]
    public void ScaleOf_NumberThatIsNone_IsAnError(string key, string value, string message)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(key, value).ScaleOf("q_proj"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, 2)]
    [InlineData(true, 4)]
    public void ScaleOf_RankStabilised_DividesByTheRoot(bool useRsLora, double expected)
    {
        var config = AdapterConfig.From(new LoraOptions { Rank = 4, Alpha = 8, UseRsLora = useRsLora });
        Assert.Equal(expected, config.ScaleOf("model.layers.0.mlp.up_proj"));
    }

    [Theory]
    [InlineData("model.layers.0.mlp.up_proj", 8.0 / 2)]
    [InlineData("model.layers.1.mlp.up_proj", 8.0 / 9)]
    [InlineData("model.layers.0.mlp.down_proj", 8.0 / 4)]
    [InlineData("model.layers.0.mlp.gate_up_proj", 8.0 / 4)] // a pattern matches whole parts of the name
    public void ScaleOf_RankPattern_IsTheFirstThatMatchesTheEndOfTheName(string module, double expected) =>
        Assert.Equal(expected, Read("rank_pattern", """{"0.mlp.up_proj": 2, "up_proj": 9}""").ScaleOf(module));

    private static AdapterConfig Read(string key, string value)
    {
        var json = new JsonObject { ["peft_type"] = "LORA", ["r"] = 4, ["lora_alpha"] = 8, [key] = JsonNode.Parse(value) };
        return AdapterConfig.Read(new ConfigJson("a/adapter_config.json", JsonNode.Parse(json.ToJsonString())!.AsObject()));
    }
}
