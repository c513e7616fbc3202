using System.Text;
using System.Text.RegularExpressions;
using Microsoft.ML;
using Microsoft.ML.Tokenizers;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>A tokenizer of ML.NET's own goes all the way: it tokenises, its model trains, completions are decoded with it.</summary>
public sealed partial class AnyTokenizerTests : IDisposable
{
    private const string Template =
        "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    private readonly MLContext _ml = new(seed: 1);
    private readonly TemporaryFolder _folder = new();

    private sealed class Pair
    {
        public string Prompt { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private sealed class Tokens
    {
        public int[] PromptTokens { get; set; } = [];

        public int[] ResponseTokens { get; set; } = [];
    }

    private static PreferenceTokenizingEstimator.Options Options => new()
    {
        ChatTemplate = Template,
        SpecialTokens = new Dictionary<string, string> { ["eos_token"] = "<|im_end|>", ["bos_token"] = "<|im_start|>" },
    };

    private IDataView Pairs => _ml.Data.LoadFromEnumerable([new Pair { Prompt = "hi", Chosen = "hello", Rejected = "go" }, new Pair { Prompt = "grüß", Chosen = "dich", Rejected = "no" }]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Transform_WithTemplate_GivesItsIds()
    {
        var tokenizer = Bytes();
        var data = Pairs;
        var rows = _ml.Data.CreateEnumerable<Tokens>(_ml.Preferences.Tokenize(tokenizer, Options).Fit(data).Transform(data), reuseRowObject: false).ToList();
        Assert.Equal("<|im_start|>user\ngrüß<|im_end|>\n<|im_start|>assistant\n", tokenizer.Decode(rows[1].PromptTokens));
        Assert.Equal("dich<|im_end|>\nno<|im_end|>\n", tokenizer.Decode(rows[1].ResponseTokens));
        Assert.Equal(3, rows[1].PromptTokens.Count(id => id >= 256)); // each special token is one id
    }

    [Fact]
    public void Transform_WithoutTemplate_EndsResponsesWithEos()
    {
        var tokenizer = Bytes();
        var data = Pairs;
        var options = new PreferenceTokenizingEstimator.Options { SpecialTokens = Options.SpecialTokens };
        var rows = _ml.Data.CreateEnumerable<Tokens>(_ml.Preferences.Tokenize(tokenizer, options).Fit(data).Transform(data), reuseRowObject: false).ToList();
        Assert.Equal(["hi", "hello<|im_end|>go<|im_end|>"], new[] { rows[0].PromptTokens, rows[0].ResponseTokens }.Select(ids => tokenizer.Decode(ids)));
    }

    [Fact]
    public void Pipeline_TrainsGeneratesExports_AndSaysWhyItCannotBeSaved()
    {
        var tokenizer = Bytes();
        var data = Pairs;
        var trainer = ml().Trainers.Dpo(new DpoTrainer.Options { BaseModel = Fixtures.Llama, Device = "cpu", MaxSteps = 1, BatchSize = 2 });
        using var model = ml().Tokenize(tokenizer, Options).Append(trainer).Fit(data);
        Assert.Same(tokenizer, model.LastTransformer.Tokenizer);

        var said = ml().Generate(model, "hi", new GenerationOptions { MaxNewTokens = 6 });
        Assert.DoesNotContain("<|im_", said, StringComparison.Ordinal);

        var error = Assert.Throws<NotSupportedException>(() => ml().SaveZip(model, data.Schema, _folder["model.zip"]));
        Assert.StartsWith("The tokenizer is a TiktokenTokenizer, which cannot be written into a model; tokenise with a HuggingFaceTokenizer", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(_folder["model.zip"]));
        model.LastTransformer.SaveAdapter(_folder["adapter"]);
        model.LastTransformer.SaveModelFolder(_folder["merged"]);
        Assert.True(File.Exists(Path.Combine(_folder["merged"], "model.safetensors")));

        PreferencesCatalog ml() => _ml.Preferences;
    }

    [Fact]
    public void Tokenize_SpecialTokenThatIsNone_IsRefused()
    {
        var options = Options;
        options.SpecialTokens = new Dictionary<string, string> { ["eos_token"] = "</s>" };
        Assert.StartsWith("SpecialTokens has eos_token '</s>', which is 4 tokens of this TiktokenTokenizer;", Assert.Throws<ArgumentException>(() => _ml.Preferences.Tokenize(Bytes(), options)).Message);
    }

    [Fact]
    public void Tokenize_HuggingFaceTokenizer_TakesATemplateButNoSpecialTokens()
    {
        var tiny = HuggingFaceTokenizer.Load(Fixtures.TinyChatml);
        Assert.StartsWith("SpecialTokens is given, but", Assert.Throws<ArgumentException>(() => _ml.Preferences.Tokenize(tiny, Options)).Message);

        var data = Pairs;
        var tokenize = _ml.Preferences.Tokenize(tiny, new PreferenceTokenizingEstimator.Options { ChatTemplate = "{{ messages[0].content }}:" }).Fit(data);
        _ml.Model.Save(tokenize, data.Schema, _folder["own-template.zip"]);
        foreach (var transformer in new[] { tokenize, new MLContext().Model.Load(_folder["own-template.zip"], out _) })
            Assert.Equal("hi:", tiny.Decode(_ml.Data.CreateEnumerable<Tokens>(transformer.Transform(data), reuseRowObject: false).First().PromptTokens));
    }

    // A token for every byte, and two special ones.
    private static TiktokenTokenizer Bytes()
    {
        var special = new Dictionary<string, int> { ["<|im_start|>"] = 256, ["<|im_end|>"] = 257 };
        var vocabulary = string.Concat(Enumerable.Range(0, 256).Select(i => $"{Convert.ToBase64String([(byte)i])} {i}\n"));
        return TiktokenTokenizer.Create(new MemoryStream(Encoding.ASCII.GetBytes(vocabulary)), new RegexPreTokenizer(Any(), special), normalizer: null, special);
    }

    [GeneratedRegex(@"[\s\S]+")]
    private static partial Regex Any();
}
