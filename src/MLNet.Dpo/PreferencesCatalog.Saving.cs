using Microsoft.ML;
using Microsoft.ML.Tokenizers;
using MLNet.Dpo.Files;
using MLNet.Dpo.Saving;

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

    /// <summary>
    /// Loads a model as <c>ml.Model.Load</c> does, which wraps whatever fails in one or two <see cref="System.Reflection.TargetInvocationException"/>s: here it is one of the exceptions
    /// below, with this library's own message. A zip is code: ML.NET loads the assemblies that it names. Load only zips that you trust.
    /// </summary>
    /// <param name="path">The zip file.</param>
    /// <param name="inputSchema">The schema of the model's input; null where it was saved without.</param>
    /// <returns>The model; it owns tensors and should be disposed.</returns>
    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">The file is damaged, or no model of ML.NET.</exception>
    /// <exception cref="NotSupportedException">The model in it is of a kind that is not supported.</exception>
    /// <exception cref="IOException">The file may not be read, or the base model that it refers to is not where it was (a <see cref="DirectoryNotFoundException"/>).</exception>
    /// <example><code>
    /// var model = ml.Preferences.LoadZip("style.zip", out _);
    /// </code></example>
    public ITransformer LoadZip(string path, out DataViewSchema? inputSchema) => ZipErrors.Load(_ml, path, out inputSchema);
}
