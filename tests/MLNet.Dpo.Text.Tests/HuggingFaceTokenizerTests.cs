using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using MLNet.Dpo.Tests;
using Xunit;

namespace MLNet.Dpo.Text.Tests;

/// <summary>Loading, saving, errors, and the contract of ML.NET's <c>Tokenizer</c>.</summary>
public class HuggingFaceTokenizerTests
{
    private static readonly HuggingFaceTokenizer Tiny = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);

    [Fact]
    public void Load_Folder_KnowsSpecialTokens()
    {
        Assert.Equal(("<|im_end|>", 2), (Tiny.EosToken, Tiny.EosTokenId));
        Assert.Equal(("<|endoftext|>", 0), (Tiny.PadToken, Tiny.PadTokenId));
        Assert.Null(Tiny.BosTokenId);
        Assert.Equal(1024, Tiny.VocabularySize);
        Assert.NotNull(Tiny.ChatTemplate);
        Assert.True(Tiny.IsSpecial(2));
        Assert.False(Tiny.IsSpecial(100));
        Assert.Equal("<|im_start|>", Tiny.IdToToken(1));
        Assert.Null(Tiny.IdToToken(99999));
    }

    [Fact]
    public void Save_ThenLoad_SameFilesByteForByte()
    {
        using var folder = new TemporaryFolder();
        Tiny.Save(folder.Path);
        foreach (string name in new[] { "tokenizer.json", "tokenizer_config.json", "chat_template.jinja" })
            Assert.Equal(File.ReadAllBytes(Path.Combine(Fixtures.TinyChatml, name)), File.ReadAllBytes(folder[name]));
    }

    [Fact]
    public void Load_PackedFile_SameAsPlain()
    {
        using var folder = new TemporaryFolder();
        using (var gzip = new GZipStream(File.Create(folder["tokenizer.json.gz"]), CompressionLevel.Fastest))
            gzip.Write(Tiny.Files.TokenizerJson);
        Assert.Equal(Tiny.Encode("hello world"), HuggingFaceTokenizer.Load(folder.Path).Encode("hello world"));
        Assert.Equal(Tiny.Encode("hello world"), HuggingFaceTokenizer.Load(folder["tokenizer.json.gz"]).Encode("hello world"));
    }

    [Fact]
    public void Load_NothingThere_SaysWhatIsExpected()
    {
        using var folder = new TemporaryFolder();
        var error = Assert.Throws<FileNotFoundException>(() => HuggingFaceTokenizer.Load(folder.Path));
        Assert.Contains("no tokenizer.json", error.Message);
    }

    [Fact]
    public void Load_MalformedJson_NamesFileAndLine()
    {
        using var folder = new TemporaryFolder();
        folder.Write("tokenizer.json", "{\n\"model\": }");
        var error = Assert.Throws<InvalidDataException>(() => HuggingFaceTokenizer.Load(folder.Path));
        Assert.Contains("tokenizer.json is not valid JSON at line 2", error.Message);
        Assert.StartsWith(folder.Path, error.Message);
    }

    [Theory]
    [InlineData("normalizer", "{\"type\": \"Magic\"}", "normalizer of type \"Magic\"")]
    [InlineData("pre_tokenizer", "{\"type\": \"Magic\"}", "pre-tokenizer of type \"Magic\"")]
    [InlineData("pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\\\\p{Emoji}\"}, \"behavior\": \"Isolated\"}", "\\p{Emoji}")]
    [InlineData("pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(\"}, \"behavior\": \"Isolated\"}", "not supported")]
    [InlineData("pre_tokenizer", "{\"type\": \"Split\", \"pattern\": {\"String\": \"x\"}, \"behavior\": \"Sideways\"}", "Sideways")]
    [InlineData("post_processor", "{\"type\": \"Magic\"}", "post-processor of type \"Magic\"")]
    [InlineData("decoder", "{\"type\": \"CTC\"}", "decoder of type \"CTC\"")]
    [InlineData("model", "{\"type\": \"Magic\"}", "model of type \"Magic\"")]
    [InlineData("model", "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}", "merge 0 (a b)")]
    [InlineData("model", "{\"type\": \"BPE\", \"vocab\": {\"a\": -1}, \"merges\": []}", "-1")]
    [InlineData("model", "{\"type\": \"BPE\", \"vocab\": {\"a\": 2000000000}, \"merges\": []}", "out of range")]
    [InlineData("model", "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [], \"dropout\": 0.1}", "dropout")]
    [InlineData("model", "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [], \"unk_token\": \"?\"}", "unk_token")]
    [InlineData("model", "{\"type\": \"Unigram\", \"vocab\": [[\"a\"]]}", "expected [\"token\", score]")]
    [InlineData("model", "{\"type\": \"BPE\", \"merges\": []}", "vocab")]
    public void Load_UnsupportedOrBrokenPart_NamesIt(string part, string value, string expected)
    {
        var json = JsonNode.Parse(Tiny.Files.TokenizerJson)!;
        json[part] = JsonNode.Parse(value);
        var error = Assert.Throws<InvalidDataException>(() => HuggingFaceTokenizer.Load(new TokenizerFiles(Encoding.UTF8.GetBytes(json.ToJsonString()))));
        Assert.Contains(expected, error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Load_PackedFileThatUnpacksWithoutEnd_NamesFileAndLimit()
    {
        using var folder = new TemporaryFolder();
        using (var gzip = new GZipStream(File.Create(folder["tokenizer.json.gz"]), CompressionLevel.Fastest))
        {
            byte[] blanks = new byte[1 << 20];
            blanks.AsSpan().Fill((byte)' ');
            for (int i = 0; i < 40; i++)
                gzip.Write(blanks);
        }
        var error = Assert.Throws<InvalidDataException>(() => HuggingFaceTokenizer.Load(folder.Path));
        Assert.Contains("tokenizer.json.gz unpacks to more than", error.Message);
        File.WriteAllText(folder["tokenizer.json.gz"], "no gzip");
        Assert.Contains("tokenizer.json.gz is not a valid gzip file", Assert.Throws<InvalidDataException>(() => HuggingFaceTokenizer.Load(folder.Path)).Message);
    }

    [Theory]
    [InlineData("added_tokens", "5")]
    [InlineData("added_tokens", "[{\"id\": -5, \"content\": \"x\"}]")]
    [InlineData("added_tokens", "[{\"id\": 2147483647, \"content\": \"x\"}]")]
    [InlineData("added_tokens", "[{\"id\": 3, \"content\": \"\\ud800\"}]")]
    [InlineData("decoder", "{\"type\": \"Strip\", \"content\": \"\", \"start\": 2147483647}")]
    [InlineData("decoder", "{\"type\": \"BPEDecoder\", \"suffix\": \"\"}")]
    [InlineData("normalizer", "[]")]
    [InlineData("post_processor", "{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"a\"}}, {\"Sequence\": {}}], \"special_tokens\": {\"a\": {\"ids\": [\"x\"]}}}")]
    [InlineData("model", "{\"type\": \"BPE\", \"vocab\": {\"a\": 40000000}, \"merges\": []}")]
    public void Load_WrongKindOfValue_IsOneLineThatNamesTheFile(string part, string value)
    {
        var rest = JsonNode.Parse(Tiny.Files.TokenizerJson)!.AsObject();
        rest.Remove(part);
        string json = $"{{\"{part}\": {value}, {rest.ToJsonString()[1..]}";
        var error = Assert.Throws<InvalidDataException>(() => HuggingFaceTokenizer.Load(new TokenizerFiles(Encoding.UTF8.GetBytes(json))));
        Assert.StartsWith("tokenizer.json", error.Message);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Load_ConfigWithHalfAPairOrOfAnotherKind_NamesTheFile()
    {
        foreach (string config in new[] { "{\"eos_token\": \"\\ud800\"}", "[]", "{\"chat_template\": [5]}", "{\"eos_token\": 5}", "{\"eos_token\": {}}" })
        {
            var files = Tiny.Files with { TokenizerConfig = Encoding.UTF8.GetBytes(config) };
            if (Record.Exception(() => HuggingFaceTokenizer.Load(files)) is { } error)
                Assert.Contains("tokenizer_config.json", Assert.IsType<InvalidDataException>(error).Message);
        }
    }

    [Fact]
    public void Load_TemplateThatIsNoUtf8_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        Tiny.Save(folder.Path);
        File.WriteAllBytes(folder["chat_template.jinja"], [(byte)'a', 0xFF]);
        Assert.Contains("chat_template.jinja is not valid UTF-8", Assert.Throws<InvalidDataException>(() => HuggingFaceTokenizer.Load(folder.Path)).Message);
    }

    [Fact]
    public void Encode_ReplacementsThatMultiplyTheText_AreRefused()
    {
        var json = JsonNode.Parse(Tiny.Files.TokenizerJson)!;
        string step = $$"""{"type": "Replace", "pattern": {"String": "a"}, "content": "{{new string('a', 1000)}}"}""";
        json["normalizer"] = JsonNode.Parse($$"""{"type": "Sequence", "normalizers": [{{step}}, {{step}}, {{step}}, {{step}}]}""");
        var tokenizer = HuggingFaceTokenizer.Load(new TokenizerFiles(Encoding.UTF8.GetBytes(json.ToJsonString())));
        Assert.Contains("Replace", Assert.Throws<InvalidDataException>(() => tokenizer.Encode("aaa")).Message);
    }

    [Fact]
    public void Load_SpecialTokensAsObjects_AreRead()
    {
        byte[] config = Encoding.UTF8.GetBytes("""{"eos_token": {"content": "<|im_end|>", "lstrip": false}, "bos_token": null, "chat_template": [{"name": "tool_use", "template": "x"}, {"name": "default", "template": "y"}]}""");
        var tokenizer = HuggingFaceTokenizer.Load(Tiny.Files with { TokenizerConfig = config, ChatTemplate = null });
        Assert.Equal(2, tokenizer.EosTokenId);
        Assert.Null(tokenizer.BosToken);
        Assert.Equal("y", tokenizer.ChatTemplate!.Source);
    }

    [Fact]
    public void Encode_LoneSurrogate_CountsAsReplacementCharacter() => Assert.Equal(Tiny.Encode("a\uFFFDb"), Tiny.Encode("a\uD83Db"));

    [Fact]
    public void Encode_OneVeryLongWord_TakesNoLongerThanInProportion()
    {
        var clock = System.Diagnostics.Stopwatch.StartNew();
        string text = string.Concat(Enumerable.Repeat("abcdefghij", 20_000));
        Assert.Equal(text, Tiny.Decode(Tiny.Encode(text)));
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 10);
    }

    [Fact]
    public async Task Encode_FromSeveralThreads_SameIds()
    {
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => $"thread {i} says {i * i} words, ünïcode 中文 {i}")];
        int[][] expected = [.. texts.Select(text => HuggingFaceTokenizer.Load(Fixtures.TinyChatml).Encode(text)).Take(20)];
        var tokenizer = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);
        var all = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => texts.Select(text => tokenizer.Encode(text)).ToArray())));
        Assert.All(all, ids => Assert.Equal(expected, ids[..20]));
    }

    [Fact]
    public void EncodeToTokens_TextWithEmoji_OffsetsCoverTheText()
    {
        const string Text = "hi 😀 <|im_end|> there";
        var tokens = Tiny.EncodeToTokens(Text, out string? normalized);
        Assert.Null(normalized);
        Assert.Equal(Tiny.Encode(Text), tokens.Select(token => token.Id));
        Assert.Equal("<|im_end|>", Text[tokens.Single(token => token.Id == 2).Offset]);
        Assert.Equal(Text.Length, tokens[^1].Offset.End.Value);
    }

    [Fact]
    public void EncodeToIds_WithLimit_SaysHowFarItRead()
    {
        var ids = Tiny.EncodeToIds("hello hello hello", 3, out _, out int consumed);
        Assert.Equal(3, ids.Count);
        Assert.Equal(ids, Tiny.Encode("hello hello hello"[..consumed]));
        Assert.Equal(Tiny.Encode("hello").Length, Tiny.CountTokens("hello"));
        Assert.Equal(consumed, Tiny.GetIndexByTokenCount("hello hello hello", 3, out _, out int count));
        Assert.Equal(3, count);
    }

    [Fact]
    public void EncodeToIds_WithoutNormalization_IsRefused() =>
        Assert.Throws<NotSupportedException>(() => Tiny.EncodeToIds("x", considerPreTokenization: false));

    [Fact]
    public void Decode_IntoSmallBuffer_AsksForMore()
    {
        int[] ids = Tiny.Encode("hello world");
        Assert.Equal(OperationStatus.DestinationTooSmall, Tiny.Decode(ids, new char[3], out int consumed, out int written));
        Assert.Equal((0, 0), (consumed, written));
        var buffer = new char[32];
        Assert.Equal(OperationStatus.Done, Tiny.Decode(ids, buffer, out consumed, out written));
        Assert.Equal((ids.Length, "hello world"), (consumed, new string(buffer, 0, written)));
    }

    [Fact]
    public void Flush_InsideACharacter_GivesWhatIsHeld()
    {
        int[] ids = Tiny.Encode("a😀");
        var stream = Tiny.CreateDecodeStream();
        Assert.Equal("a", stream.Step(ids[0]));
        Assert.Null(stream.Step(ids[1]));
        Assert.Equal("\uFFFD", stream.Flush());
        Assert.Equal("", stream.Flush());
        Assert.Equal("a", stream.Step(ids[0]));
    }
}
