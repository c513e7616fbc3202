using System.Text.Json.Nodes;
using MLNet.Dpo.Models;
using Xunit;

namespace MLNet.Dpo.Tests.Models;

public class ConfigJsonTests
{
    [Theory]
    [InlineData("""{"x": "64"}""", "x is \"64\"; expected a number")]
    [InlineData("""{"x": 64.5}""", "x is 64.5; expected a whole number")]
    [InlineData("""{"x": 1e12}""", "expected a whole number")]
    [InlineData("""{"x": null}""", "key x is missing")]
    [InlineData("{}", "key x is missing")]
    public void Int_WrongValue_NamesFileKeyAndValue(string json, string message) => AssertError(message, () => Parse(json).Int("x"));

    [Fact]
    public void Bool_Number_NamesFileKeyAndValue() => AssertError("x is 1; expected true or false", () => Parse("""{"x": 1}""").Bool("x", false));

    [Fact]
    public void Text_Number_NamesFileKeyAndValue() => AssertError("x is 1; expected a text", () => Parse("""{"x": 1}""").Text("x"));

    [Fact]
    public void Texts_MixedList_NamesFileKeyAndValue() => AssertError("""x is ["a",1]; expected a list of texts""", () => Parse("""{"x": ["a", 1]}""").Texts("x"));

    [Fact]
    public void Section_Text_NamesFileKeyAndValue() => AssertError("x is \"linear\"; expected an object", () => Parse("""{"x": "linear"}""").Section("x"));

    [Theory]
    [InlineData("""{"x": "2"}""")]
    [InlineData("""{"x": [2, null]}""")]
    public void Ids_NotNumbers_NamesFileKeyAndValue(string json) => AssertError("expected a token id or a list of them", () => Parse(json).Ids("x"));

    [Theory]
    [InlineData("{}", new int[0])]
    [InlineData("""{"x": 2}""", new[] { 2 })]
    [InlineData("""{"x": [2, 5]}""", new[] { 2, 5 })]
    public void Ids_OneOrSeveral_AreAList(string json, int[] expected) => Assert.Equal(expected, Parse(json).Ids("x"));

    [Fact]
    public void Read_BrokenJson_NamesTheLine()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], "{\n\"x\": }");
        AssertError("line 2: not valid JSON", () => ConfigJson.Read(folder["config.json"]));
    }

    [Theory]
    [InlineData("{\"x\": 1, \"x\": 2}")]
    [InlineData("{\"x\": \"\\ud800\"}")]
    [InlineData("{\"\\udc00\": 1}")]
    public void Read_KeyTwiceOrHalfAPair_NamesTheFile(string json)
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], json);
        var error = Assert.Throws<InvalidDataException>(() => ConfigJson.Read(folder["config.json"]));
        Assert.StartsWith(folder["config.json"], error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Theory]
    [InlineData("num_hidden_layers", "2000000000")]
    [InlineData("head_dim", "1073741824")]
    [InlineData("head_dim", "4194304")]
    [InlineData("hidden_size", "-64")]
    [InlineData("vocab_size", "2147483647")]
    [InlineData("max_position_embeddings", "-1")]
    [InlineData("rms_norm_eps", "1e999")]
    [InlineData("eos_token_id", "{\"a\": 1}")]
    [InlineData("eos_token_id", "\"2\"")]
    [InlineData("eos_token_id", "[[2]]")]
    [InlineData("eos_token_id", "2.5")]
    public void Read_ImpossibleSize_NamesFileAndKey(string key, string value)
    {
        using var folder = new TemporaryFolder();
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Fixtures.Llama, "config.json")))!;
        json[key] = JsonNode.Parse(value);
        File.WriteAllText(folder["config.json"], json.ToJsonString());
        var error = Assert.Throws<InvalidDataException>(() => MLNet.Dpo.Models.Architectures.Architecture.Read(folder.Path));
        Assert.StartsWith(folder["config.json"] + ": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(key, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_Array_SaysSo()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["config.json"], "[]");
        AssertError("not a JSON object", () => ConfigJson.Read(folder["config.json"]));
    }

    private static ConfigJson Parse(string json) => new("a/config.json", JsonNode.Parse(json)!.AsObject());

    private static void AssertError(string message, Func<object?> read)
    {
        var error = Assert.Throws<InvalidDataException>(() => read());
        Assert.Contains("config.json: ", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }
}
