using System.Text.Json.Nodes;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using Xunit;

namespace MLNet.Dpo.Tests.Models.Architectures;

public class ArchitectureTests
{
    [Theory]
    [InlineData("mamba", "model_type is 'mamba'; supported: llama, mistral, qwen2, qwen3, gemma2,")]
    [InlineData(null, "key model_type is missing; supported: llama, mistral,")]
    public void Read_UnknownModelType_NamesTheSupportedOnes(string? type, string message) => AssertError(message, json => json["model_type"] = type);

    [Theory]
    [InlineData("hidden_act", "\"snake\"", "hidden_act is 'snake'; supported: silu")]
    [InlineData("quantization_config", """{"quant_method": "mxfp4"}""", "quantization_config is of quant_method 'mxfp4'; supported: float32, float16 and bfloat16 weights")]
    [InlineData("rope_parameters", """{"rope_type": "mrope", "factor": 4}""", "rope_type is 'mrope'; supported: default, linear, dynamic, llama3, yarn, longrope")]
    [InlineData("rope_parameters", """{"rope_type": "linear"}""", "key factor is missing in the rope settings of rope_type 'linear'")]
    [InlineData("rope_parameters", """{"rope_type": "linear", "factor": 0}""", "factor is 0; expected a positive number")]
    [InlineData("rope_parameters", """{"rope_type": "default", "partial_rotary_factor": 0.5}""", "partial_rotary_factor is 0.5; supported: 1 for this model_type")]
    [InlineData("rope_parameters", """{"full_attention": {"rope_type": "default"}}""", "rope_parameters is one set for full_attention; supported: one set for all layers")]
    [InlineData("rope_parameters", """{"rope_type": "longrope", "short_factor": [1, 2], "long_factor": [1, 2]}""", "short_factor has 2 numbers; expected 8 above 0")]
    [InlineData("rope_parameters", """{"rope_type": "longrope", "long_factor": [1, 2]}""", "short_factor is null; expected a list of numbers")]
    [InlineData("rope_parameters", """{"rope_type": "llama3", "factor": 2, "low_freq_factor": 1, "high_freq_factor": 2, "original_max_position_embeddings": 0}""", "original_max_position_embeddings is 0; expected a positive number")]
    [InlineData("rope_parameters", """{"rope_theta": -1}""", "rope_theta is -1; expected a positive number")]
    [InlineData("num_key_value_heads", "3", "num_attention_heads 4 is not a multiple of num_key_value_heads 3")]
    [InlineData("head_dim", "15", "head_dim is 15; rotary embeddings need an even number")]
    [InlineData("num_hidden_layers", "-2", "num_hidden_layers is -2; expected a positive number")]
    [InlineData("num_attention_heads", "0", "num_attention_heads is 0; expected a positive number")]
    [InlineData("vocab_size", "null", "key vocab_size is missing")]
    [InlineData("mlp_bias", "\"no\"", "mlp_bias is \"no\"; expected true or false")]
    public void Read_OddOption_SaysWhatIsSupported(string key, string value, string message) => AssertError(message, json => json[key] = JsonNode.Parse(value));

    [Theory]
    [InlineData("sliding_window", "null", "layer_types is [\"full_attention\",\"sliding_attention\"]; supported: only full_attention where sliding_window is null")]
    [InlineData("sliding_window", "0", "sliding_window is 0; expected a positive number")]
    [InlineData("layer_types", """["chunked_attention", "full_attention"]""", "layer_types is [\"chunked_attention\",\"full_attention\"]; supported: full_attention or sliding_attention")]
    [InlineData("layer_types", """["full_attention"]""", "sliding_attention, one for each layer")]
    public void Read_Qwen2WindowThatContradictsItself_IsAnError(string key, string value, string message) => AssertError(message, json =>
    {
        MakeWindowed(json);
        json[key] = JsonNode.Parse(value);
    });

    [Fact]
    public void Read_Qwen2Windows_CountOnlyWhereTheyAreSwitchedOn()
    {
        Assert.Equal(new Qwen2Architecture(new ValueList<int?>([null, 16])), Read(MakeWindowed).Architecture);
        Assert.Equal(new Qwen2Architecture(new ValueList<int?>([16, null])), Read(json =>
        {
            MakeWindowed(json);
            json["layer_types"] = new JsonArray("sliding_attention", "full_attention");
        }).Architecture);
        Assert.Equal(new Qwen2Architecture(new ValueList<int?>([null, null])), Read(json =>
        {
            MakeWindowed(json);
            json["use_sliding_window"] = false;
            json.Remove("layer_types");
        }).Architecture);
    }

    [Theory]
    [InlineData("""{"rope_type": "linear", "factor": 4, "rope_theta": 500}""")]
    [InlineData("""{"type": "linear", "factor": 4, "rope_theta": 500}""")]
    public void Read_LinearRope_IsReadInBothSpellings(string rope) =>
        Assert.Equal(new RopeConfig(500, new LinearRopeScaling(4)), Read(json => json["rope_parameters"] = JsonNode.Parse(rope)).Rope);

    [Fact]
    public void Read_Biases_AreTheFamilys()
    {
        Assert.Equal(new LlamaArchitecture(AttentionBias: false, MlpBias: false), Read(_ => { }).Architecture);
        Assert.Equal(new LlamaArchitecture(AttentionBias: true, MlpBias: true), Read(json => (json["attention_bias"], json["mlp_bias"]) = (true, true)).Architecture);
    }

    [Fact]
    public void Read_MissingFolder_SaysWhatAFolderHolds() =>
        Assert.Contains("tokenizer.json", Assert.Throws<DirectoryNotFoundException>(() => Architecture.Read("no-such-folder")).Message, StringComparison.Ordinal);

    private static void MakeWindowed(JsonObject json)
    {
        json["model_type"] = "qwen2";
        json["use_sliding_window"] = true;
        json["sliding_window"] = 16;
        json["max_window_layers"] = 1;
        json["layer_types"] = new JsonArray("full_attention", "sliding_attention");
    }

    private static DecoderConfig Read(Action<JsonObject> change)
    {
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Llama, "config.json")))!.AsObject();
        change(json);
        return Architecture.Read(new ConfigJson("a/config.json", JsonNode.Parse(json.ToJsonString())!.AsObject()));
    }

    private static void AssertError(string message, Action<JsonObject> change)
    {
        var error = Record.Exception(() => Read(change));
        Assert.True(error is InvalidDataException or NotSupportedException, $"{error}");
        Assert.StartsWith("a/config.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
