using MLNet.Dpo.Tests;
using Xunit;

namespace MLNet.Dpo.Text.Tests.ChatTemplates;

/// <summary>Which chat template of a folder counts, and which special tokens.</summary>
public sealed class ChatTemplateSetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public ChatTemplateSetTests() => File.Copy(Path.Combine(Fixtures.TinyChatml, "tokenizer.json"), _folder["tokenizer.json"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ChatTemplate_ListWithoutDefault_IsAnErrorThatListsTheNames()
    {
        _folder.Write("tokenizer_config.json", """{"chat_template": [{"name": "tool_use", "template": "t"}, {"name": "rag", "template": "r"}]}""");
        var tokenizer = Load();
        Assert.Equal(["rag", "tool_use"], tokenizer.ChatTemplateNames);
        Assert.Contains("chat templates named rag, tool_use, and none named default; choose one with ChatTemplateName", Assert.Throws<InvalidDataException>(() => tokenizer.ChatTemplate).Message);
        Assert.Equal("t", tokenizer.ChatTemplates.Find(hasTools: true)!.Source);
    }

    [Fact]
    public void ChatTemplate_ListWithDefault_IsThatOneButForTools()
    {
        _folder.Write("tokenizer_config.json", """{"chat_template": [{"name": "tool_use", "template": "t"}, {"name": "default", "template": "d"}]}""");
        Assert.Equal("d", Load().ChatTemplate!.Source);
        Assert.Equal("t", Load().ChatTemplates.Find(hasTools: true)!.Source);
    }

    [Fact]
    public void ChatTemplate_FilesBesideTheConfig_ReplaceIt()
    {
        _folder.Write("tokenizer_config.json", """{"chat_template": [{"name": "rag", "template": "r"}, {"name": "default", "template": "d"}]}""");
        _folder.Write("chat_template.jinja", "file");
        Directory.CreateDirectory(_folder["additional_chat_templates"]);
        _folder.Write("additional_chat_templates/tool_use.jinja", "tools");
        Assert.Equal(["default", "tool_use"], Load().ChatTemplateNames);
        Assert.Equal(("file", "tools"), (Load().ChatTemplate!.Source, Load().ChatTemplates.Find(hasTools: true)!.Source));
        using var copy = new TemporaryFolder();
        Load().Save(copy.Path);
        Assert.Equal("tools", File.ReadAllText(copy["additional_chat_templates/tool_use.jinja"]));
    }

    [Theory]
    [InlineData("""[{"name": "a"}]""", "chat_template has the entry")]
    [InlineData("""{"name": "a"}""", "chat_template must be a string or a list")]
    public void Load_TemplatesOfAnotherForm_IsAnError(string templates, string message)
    {
        _folder.Write("tokenizer_config.json", $$"""{"chat_template": {{templates}}}""");
        Assert.Contains(message, Assert.Throws<InvalidDataException>(Load).Message);
    }

    [Theory]
    [InlineData("""{"tokenizer_class": "X"}""", "<|im_end|>")]
    [InlineData("""{"eos_token": "<|endoftext|>"}""", "<|im_end|>")]
    [InlineData("""{"eos_token": "<|endoftext|>", "added_tokens_decoder": {}}""", "<|endoftext|>")]
    [InlineData("""{"eos_token": null, "added_tokens_decoder": {}}""", "<|im_end|>")]
    [InlineData(null, "<|im_end|>")]
    public void SpecialTokens_MapBesideTheConfig_HasThePrecedenceOfTransformers(string? config, string eos)
    {
        if (config is not null)
            _folder.Write("tokenizer_config.json", config);
        _folder.Write("special_tokens_map.json", """{"eos_token": {"content": "<|im_end|>", "lstrip": false}, "additional_special_tokens": ["<|im_start|>"]}""");
        var tokenizer = Load();
        Assert.Equal(eos, tokenizer.EosToken);
        Assert.Equal(eos, tokenizer.SpecialTokens["eos_token"]);
        using var copy = new TemporaryFolder();
        tokenizer.Save(copy.Path);
        Assert.Equal(eos, HuggingFaceTokenizer.Load(copy.Path).EosToken);
    }

    [Fact]
    public void Load_BrokenMap_NamesTheFile()
    {
        _folder.Write("special_tokens_map.json", """{"eos_token": 3}""");
        Assert.Contains("special_tokens_map.json: eos_token is 3", Assert.Throws<InvalidDataException>(Load).Message);
    }

    [SharedDataFact("cases/27-special-tokens-map")]
    public void Load_TokensInTheMapAlone_AreKnown()
    {
        foreach (string file in Directory.GetFiles(SharedData.PathTo("cases/27-special-tokens-map"), "*_*"))
            File.Copy(file, _folder[Path.GetFileName(file)]);
        var tokenizer = Load();
        Assert.Equal(("<s>", "</s>", "<unk>"), (tokenizer.BosToken, tokenizer.EosToken, tokenizer.UnknownToken));
        string text = tokenizer.ChatTemplate!.Render([new System.Text.Json.Nodes.JsonObject { ["role"] = "user", ["content"] = "hi" }], new ChatTemplateOptions { SpecialTokens = tokenizer.SpecialTokens });
        Assert.Contains("hi</s>", text);
    }

    private HuggingFaceTokenizer Load() => HuggingFaceTokenizer.Load(_folder.Path);
}
