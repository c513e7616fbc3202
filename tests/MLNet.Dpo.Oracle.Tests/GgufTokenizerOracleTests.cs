using System.Text.Json.Nodes;
using Microsoft.ML;
using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Saving.Gguf;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Tokenizers in GGUF files: read back without the tokenizer.json that the file carries, and as llama.cpp reads them.</summary>
public sealed class GgufTokenizerOracleTests
{
    private const int Seed = 12;
    private const int Texts = 150;

    [Theory]
    [InlineData("tiny-chatml")]
    [InlineData("minimind")]
    [InlineData("qwen3")]
    [InlineData("llama3_1")]
    [InlineData("llama2")]
    [InlineData("gemma3")]
    public void Read_WithoutTokenizerJson_GivesTheSameIds(string name)
    {
        var folder = SharedData.PathTo($"fixtures/tokenizers/{name}");
        if (!Directory.Exists(folder)) return;
        var original = HuggingFaceTokenizer.Load(folder);
        var values = GgufTokenizerWriter.Write(original, original.VocabularySize + 3, [original.EosTokenId!.Value]).Where(value => value.Key != GgufKeys.HuggingFace);
        var read = HuggingFaceTokenizer.Load(GgufTokenizerReader.Read(new GgufMetadata("a.gguf", values.ToDictionary())));
        Assert.Equal((original.BosTokenId, original.EosTokenId, original.PadTokenId), (read.BosTokenId, read.EosTokenId, read.PadTokenId));
        Assert.Equal(original.ChatTemplate?.Source, read.ChatTemplate?.Source);
        foreach (var text in RandomTexts.Of(Seed, Texts).Where(text => !RandomTexts.HasRun(text)))
            Assert.Equal(original.Encode(text, addSpecialTokens: true), read.Encode(text, addSpecialTokens: true));
    }

    [LlamaCppTheory]
    [InlineData("fixtures/tokenizers/tiny-chatml")]
    [InlineData("fixtures/tokenizers/minimind")]
    [InlineData("fixtures/models/stories260K")]
    [InlineData("fixtures/tokenizers/llama2")]
    [InlineData("fixtures/tokenizers/qwen3")]
    [InlineData("fixtures/tokenizers/llama3_1")]
    public void SaveGguf_Tokenizer_IdsAreThoseOfLlamaCpp(string path)
    {
        var folder = SharedData.PathTo(path);
        if (!Directory.Exists(folder)) return;
        using var temporary = new TemporaryFolder();
        var tokenizer = HuggingFaceTokenizer.Load(folder);
        var config = JsonNode.Parse($$"""{"model_type":"llama","vocab_size":{{tokenizer.VocabularySize}},"hidden_size":16,"intermediate_size":16,"num_hidden_layers":1,"num_attention_heads":1}""")!.AsObject();
        var ml = new MLContext(1);
        ml.Preferences.CreateModelFolder(Path.Combine(temporary.Path, "fresh"), config, folder);
        using (var fresh = ml.Preferences.LoadPretrained(Path.Combine(temporary.Path, "fresh")).LastTransformer) fresh.SaveGguf(Path.Combine(temporary.Path, "m.gguf"));
        using var llama = new LlamaCpp(Path.Combine(temporary.Path, "m.gguf"));
        // llama.cpp composes no characters (NFC), ends texts at a zero, takes </s> for a special token wherever a vocabulary has it, and splits some rare characters by tables of its own.
        var texts = RandomTexts.Of(Seed, Texts).Where(text => !text.AsSpan().ContainsAny('\u0301', '\0') && !text.Contains("</s>", StringComparison.Ordinal) && !RandomTexts.HasRun(text)).ToList();
        var differing = texts.Where(text => !llama.Encode(text).SequenceEqual(tokenizer.Encode(text)))
            .Select(text => $"{JsonValue.Create(text).ToJsonString()}: [{string.Join(' ', llama.Encode(text))}] there, [{string.Join(' ', tokenizer.Encode(text))}] here").ToList();
        Assert.True(differing.Count <= texts.Count / 50, $"{differing.Count} of {texts.Count} differ: {string.Join('\n', differing.Take(5))}");
    }
}
