using System.Text.Json.Nodes;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Files;
using MLNet.Dpo.Models;
using MLNet.Dpo.Models.Architectures;
using MLNet.Dpo.Saving;
using TorchSharp;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// Makes a model folder of a configuration with random weights, as <c>AutoModelForCausalLM.from_config</c> of transformers initialises them: a model to train from
    /// nothing, or a small stand-in for tests. An old folder there stays whole if writing fails.
    /// </summary>
    /// <param name="modelFolder">The folder to write; its parent must exist.</param>
    /// <param name="config">The content of <c>config.json</c>: <c>model_type</c>, sizes and options of a supported family; <c>initializer_range</c> sets the scale of the weights.</param>
    /// <param name="tokenizer">The folder of a tokenizer, whose files are copied into the model's; null for none.</param>
    /// <param name="seed">Fixes the random numbers: the same seed gives the same weights.</param>
    /// <exception cref="NotSupportedException">The family, or an option of the configuration, is not supported.</exception>
    /// <exception cref="InvalidDataException">The configuration is incomplete, or has fewer tokens than the tokenizer.</exception>
    /// <exception cref="FileNotFoundException">The tokenizer's folder has no tokenizer.json.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    /// <example><code>
    /// var config = JsonNode.Parse(File.ReadAllText("tiny/config.json"))!.AsObject();
    /// ml.Preferences.CreateModelFolder("models/fresh", config, tokenizer: "models/tiny-chat", seed: 1);
    /// </code></example>
    public void CreateModelFolder(string modelFolder, JsonObject config, string? tokenizer = null, int seed = 0)
    {
        ArgumentException.ThrowIfNullOrEmpty(modelFolder);
        ArgumentNullException.ThrowIfNull(config);
        // Numbers of C# and numbers of a file are different nodes: all become those of a file.
        var read = Architecture.Read(ConfigJson.Parse("config", System.Text.Encoding.UTF8.GetBytes(config.ToJsonString())));
        var text = tokenizer is null ? null : ModelTokenizer.Load(tokenizer);
        if (text is not null && text.VocabularySize > read.VocabSize)
            throw new InvalidDataException($"config: vocab_size is {read.VocabSize}; the tokenizer of {tokenizer} has {text.VocabularySize} tokens, so give vocab_size {text.VocabularySize} or more.");
        using var model = new CausalLM(read, new FreshWeights(read, seed), torch.CPU);
        AtomicFolder.Write(modelFolder, temporary =>
        {
            ModelFolder.Save(model, temporary);
            if (text is not null) new ChatTokenizer(text).SaveFiles(temporary);
        });
    }
}
