using Microsoft.ML;
using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Packing;
using TorchSharp;
using Xunit;

namespace MLNet.Dpo.Tests.Saving.Gguf;

public sealed class GgufExportTests : IDisposable
{
    private static readonly int[] Tokens = [.. Enumerable.Range(0, 40).Select(i => 3 + (i * 7 % 1000))];
    private readonly TemporaryFolder _folder = new();
    private readonly MLContext _ml = new(1);

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("llama")]
    [InlineData("llama-tied-rope3")]
    [InlineData("qwen2")]
    [InlineData("qwen3")]
    [InlineData("phi3")]
    public void LoadPretrained_OfSaveGguf_IsTheSameModel(string family)
    {
        using var model = Load(Fixtures.PathTo("models", family));
        var path = _folder["m.gguf"];
        model.SaveGguf(path, GgufPrecision.Float32);
        var before = Tensors.Settled();
        using (var read = _ml.Preferences.LoadPretrained(path).LastTransformer)
        {
            Assert.Equal(Logits(model), Logits(read));
            Assert.Equal(model.Model.Network.Config.Rope, read.Model.Network.Config.Rope);
            Assert.Equal(model.Model.Network.Config.EosTokenIds, read.Model.Network.Config.EosTokenIds);
            Assert.Equal(model.ChatTokenizer.ChatTemplate?.Source, read.ChatTokenizer.ChatTemplate?.Source);
        }
        Assert.Equal(before, Tensors.Settled());
    }

    [Fact]
    public void SaveGguf_Adapter_IsMerged()
    {
        using var tuned = _ml.Preferences.LoadPretrained(Fixtures.Llama, tokenizer: Fixtures.TinyChatml, adapter: Fixtures.PathTo("adapters", "llama-b")).LastTransformer;
        tuned.SaveModelFolder(_folder["merged"]);
        tuned.SaveGguf(_folder["m.gguf"], GgufPrecision.Float32);
        using var folder = _ml.Preferences.LoadPretrained(_folder["merged"]).LastTransformer;
        using var read = _ml.Preferences.LoadPretrained(_folder["m.gguf"]).LastTransformer;
        Assert.Equal(Logits(folder), Logits(read));
    }

    [Fact]
    public void SaveZip_OfAGgufByReference_FindsItAgain()
    {
        using (var model = Load(Fixtures.Llama)) model.SaveGguf(_folder["m.gguf"], GgufPrecision.Float32);
        var chain = _ml.Preferences.LoadPretrained(_folder["m.gguf"], adapter: Fixtures.PathTo("adapters", "llama-b"));
        using var tuned = chain.LastTransformer;
        tuned.Storage = BaseModelStorage.Reference;
        _ml.Preferences.SaveZip(chain, null, _folder["m.zip"]);
        using var read = _ml.Preferences.FindModel(_ml.Preferences.LoadZip(_folder["m.zip"], out _));
        Assert.Equal(Logits(tuned), Logits(read));
    }

    [Theory]
    [InlineData(GgufPrecision.Float16, 1u)]
    [InlineData(GgufPrecision.BFloat16, 32u)]
    [InlineData(GgufPrecision.Q8_0, 7u)]
    public void SaveGguf_Precision_IsThatOfMatricesAlone(GgufPrecision precision, uint fileType)
    {
        using var model = Load(Fixtures.Llama);
        model.SaveGguf(_folder["m.gguf"], precision);
        using var file = GgufFile.Open(_folder["m.gguf"]);
        var type = precision switch { GgufPrecision.Float16 => GgufType.F16, GgufPrecision.BFloat16 => GgufType.BF16, _ => GgufType.Q8_0 };
        Assert.All(file.Tensors, tensor => Assert.Equal(tensor.Shape.Count == 1 ? GgufType.F32 : type, tensor.Type));
        Assert.Equal(fileType, file.Metadata.Values["general.file_type"]);
    }

    [Theory]
    [InlineData("olmo2", "model_type is 'olmo2'")]
    [InlineData("gemma2", "query_pre_attn_scalar is 20")]
    [InlineData("gemma3_text", "query_pre_attn_scalar is 20")]
    public void SaveGguf_WhatLlamaCppComputesOtherwise_IsNamed(string family, string expected)
    {
        using var model = Load(Fixtures.PathTo("models", family));
        var error = Assert.Throws<NotSupportedException>(() => model.SaveGguf(_folder["m.gguf"]));
        Assert.Contains(expected, error.Message);
        Assert.False(File.Exists(_folder["m.gguf"]));
    }

    [Fact]
    public void SaveGguf_WindowThatLlamaCppDoesNotKnow_EndsTheContext()
    {
        using var model = Load(Fixtures.PathTo("models", "mistral"));
        model.SaveGguf(_folder["m.gguf"], GgufPrecision.Float32);
        using var read = _ml.Preferences.LoadPretrained(_folder["m.gguf"]).LastTransformer;
        Assert.Equal(16, read.Model.Network.Config.MaxPositionEmbeddings);
        Assert.Equal(Logits(model, Tokens[..16]), Logits(read, Tokens[..16]));
    }

    [Fact]
    public void LoadPretrained_FileOfAnotherFamily_NamesIt()
    {
        GgufWriter.Write(_folder["m.gguf"], [new("general.architecture", "mamba"), new("tokenizer.ggml.model", "gpt2"), new("tokenizer.ggml.tokens", new[] { "a" }), new("tokenizer.ggml.merges", Array.Empty<string>()), new("tokenizer.ggml.pre", "gpt-2")], []);
        var error = Assert.Throws<NotSupportedException>(() => _ml.Preferences.LoadPretrained(_folder["m.gguf"]));
        Assert.Contains("'mamba'", error.Message);
        Assert.Contains(_folder["m.gguf"], error.Message);
        Assert.Throws<FileNotFoundException>(() => _ml.Preferences.LoadPretrained(_folder["none.gguf"]));
    }

    [Fact]
    public void SaveGguf_WeightBeyondHalf_NamesFileAndTensor()
    {
        using var model = Load(Fixtures.Llama);
        using (torch.no_grad()) model.Model.Network.Parameters["model.layers.0.mlp.up_proj.weight"].view(-1).narrow(0, 5, 1).fill_(1e5f);
        var error = Assert.Throws<InvalidDataException>(() => model.SaveGguf(_folder["m.gguf"]));
        Assert.Contains(_folder["m.gguf"], error.Message);
        Assert.Contains("blk.0.ffn_up.weight", error.Message);
        Assert.False(File.Exists(_folder["m.gguf"]));
    }

    private CausalLMTransformer Load(string folder) => _ml.Preferences.LoadPretrained(folder, tokenizer: Fixtures.TinyChatml).LastTransformer;

    private static float[] Logits(CausalLMTransformer model, int[]? tokens = null)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var network = model.Model.Network;
        using var batch = new PackedBatch([new TokenGroup(tokens ?? Tokens, [])], network);
        return network.Head.Logits(network.Forward(batch.Tokens, batch.Positions, batch.Pattern)).data<float>().ToArray();
    }
}
