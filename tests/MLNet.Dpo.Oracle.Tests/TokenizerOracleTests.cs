using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML.Tokenizers;
using MLNet.Dpo.Text;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Random and hostile texts through Hugging Face's own tokenizers, and through SentencePiece as Microsoft.ML.Tokenizers has it.</summary>
public sealed class TokenizerOracleTests
{
    private const int Seed = 11;
    private const int Texts = 250;

    public static TheoryData<string> Folders => [.. Directory.GetDirectories(Fixtures.PathTo("tokenizers")).Concat(Directory.Exists(Shared) ? Directory.GetDirectories(Shared) : [])
        .DistinctBy(Path.GetFileName).Order(StringComparer.Ordinal)];

    private static string Shared => SharedData.PathTo("fixtures/tokenizers");

    [RustTokenizersTheory]
    [MemberData(nameof(Folders))]
    public void Encode_RandomTexts_EqualsHuggingFace(string folder)
    {
        using var temporary = new TemporaryFolder();
        var ours = HuggingFaceTokenizer.Load(folder);
        ours.Save(temporary.Path);
        using var theirs = new Tokenizers.DotNet.Tokenizer(vocabPath: Path.Combine(temporary.Path, "tokenizer.json"));
        var differences = new List<string>();
        foreach (var text in RandomTexts.Of(Seed, Texts))
        {
            var (expected, actual) = (theirs.Encode(text).Select(id => (int)id).ToArray(), ours.Encode(text, addSpecialTokens: true));
            if (!expected.SequenceEqual(actual)) differences.Add($"{JsonValue.Create(text).ToJsonString()}: [{string.Join(' ', expected)}] there, [{string.Join(' ', actual)}] here");
        }
        Assert.True(differences.Count == 0, $"{differences.Count} of {Texts} differ: {string.Join('\n', differences.Take(5))}");
    }

    [SharedDataFact("fixtures/tokenizers/llama2")]
    public void Load_TokenizerModelOfLlama_IdsAreThoseOfItsTokenizerJson() => CompareWithJson(Path.Combine(Shared, "llama2"));

    [SharedDataFact("fixtures/models/stories260K")]
    public void Load_TokenizerModelOfStories_IdsAreThoseOfItsTokenizerJson() => CompareWithJson(SharedData.PathTo("fixtures/models/stories260K"));

    [SharedDataFact("fixtures/tokenizers/llama2")]
    public void Load_TokenizerModelOfLlama_IdsAreThoseOfSentencePiece()
    {
        using var temporary = new TemporaryFolder();
        var file = Write(temporary.Path, Path.Combine(Shared, "llama2"), removeExtra: false);
        var ours = HuggingFaceTokenizer.Load(temporary.Path);
        using var stream = File.OpenRead(file);
        var theirs = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
        AssertAlike(theirs, ours);
    }

    [Fact]
    public void Load_TokenizerModelOfUnigram_IdsAreThoseOfSentencePiece()
    {
        using var temporary = new TemporaryFolder();
        var file = Write(temporary.Path, Fixtures.PathTo("tokenizers", "zoo-unigram"), removeExtra: false);
        var ours = HuggingFaceTokenizer.Load(temporary.Path);
        using var stream = File.OpenRead(file);
        var theirs = SentencePieceTokenizer.Create(stream, addBeginningOfSentence: false, addEndOfSentence: false);
        AssertAlike(theirs, ours);
    }

    // Of several equally good splits, as runs of one character have, SentencePiece and Hugging Face choose differently; Hugging Face's choice counts.
    private static void AssertAlike(SentencePieceTokenizer theirs, HuggingFaceTokenizer ours)
    {
        // Microsoft.ML.Tokenizers takes the unknown token to be 0.
        var plain = RandomTexts.Of(Seed, Texts).Where(text => !text.AsSpan().ContainsAny('<', '\0') && !RandomTexts.HasRun(text) && !ours.Encode(text).Contains(2)).ToList();
        Assert.NotEmpty(plain);
        var differing = plain.Where(text => !theirs.EncodeToIds(text).SequenceEqual(ours.Encode(text)))
            .Select(text => $"{JsonValue.Create(text).ToJsonString()}: [{string.Join(' ', theirs.EncodeToIds(text))}] there, [{string.Join(' ', ours.Encode(text))}] here").ToList();
        Assert.True(differing.Count == 0, $"{differing.Count} of {plain.Count} differ: {string.Join('\n', differing.Take(5))}");
    }

    private static void CompareWithJson(string folder)
    {
        using var temporary = new TemporaryFolder();
        Write(temporary.Path, folder, removeExtra: false);
        var (json, model) = (HuggingFaceTokenizer.Load(folder), HuggingFaceTokenizer.Load(temporary.Path));
        Assert.Equal((json.BosTokenId, json.EosTokenId), (model.BosTokenId, model.EosTokenId));
        foreach (var text in RandomTexts.Of(Seed, Texts))
        {
            Assert.Equal(json.Encode(text, addSpecialTokens: true), model.Encode(text, addSpecialTokens: true));
            Assert.Equal(json.Decode(json.Encode(text)), model.Decode(model.Encode(text)));
        }
    }

    private static string Write(string target, string folder, bool removeExtra)
    {
        var json = JsonNode.Parse(Encoding.UTF8.GetString(TokenizerFiles.Read(folder).TokenizerJson))!.AsObject();
        var file = Path.Combine(target, "tokenizer.model");
        File.WriteAllBytes(file, SentencePieceFile.Of(json, dummyPrefix: true, removeExtra));
        return file;
    }
}

/// <summary>A test that asks Hugging Face's tokenizers; skipped, and counted as such, where their library cannot be loaded.</summary>
public sealed class RustTokenizersTheoryAttribute : TheoryAttribute
{
    private static readonly Lazy<string?> Unavailable = new(() =>
    {
        try
        {
            using var tokenizer = new Tokenizers.DotNet.Tokenizer(vocabPath: Fixtures.PathTo("tokenizers", "tiny-chatml", "tokenizer.json"));
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException or EntryPointNotFoundException)
        {
            return $"Hugging Face's tokenizers cannot be loaded: {e.Message}";
        }
    });

    public RustTokenizersTheoryAttribute() => Skip = Unavailable.Value;
}
