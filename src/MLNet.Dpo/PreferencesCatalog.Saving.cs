using Microsoft.ML;
using Microsoft.ML.Tokenizers;
using MLNet.Dpo.Files;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>
    /// Saves a model as <c>ml.Model.Save</c> does, but under a temporary name that is renamed at the end: a file that is there already stays
    /// whole if saving fails (<c>ml.Model.Save</c> empties it first).
    /// </summary>
    /// <param name="model">A fitted pipeline.</param>
    /// <param name="inputSchema">The schema of its input, or null.</param>
    /// <param name="path">The zip file.</param>
    /// <exception cref="NotSupportedException">The model's tokenizer cannot be written; see <see cref="Tokenize(Tokenizer, PreferenceTokenizingEstimator.Options)"/>.</exception>
    /// <example><code>
    /// ml.Preferences.SaveZip(model, pairs.Schema, "style.zip");
    /// </code></example>
    /// <exception cref="IOException">The file cannot be written, for example because the disk is full.</exception>
    public void SaveZip(ITransformer model, DataViewSchema? inputSchema, string path)
    {
        ArgumentNullException.ThrowIfNull(model);
        AtomicFile.Write(path, stream => _ml.Model.Save(model, inputSchema, stream));
    }
}
