using Microsoft.ML;

namespace MLNet.Dpo;

/// <summary>Hangs this library's catalog on <see cref="MLContext"/>.</summary>
public static class PreferencesExtensions
{
    extension(MLContext mlContext)
    {
        /// <summary>Preference data, and chat models tuned on it.</summary>
        /// <example><code>
        /// IDataView pairs = ml.Preferences.Load("train.jsonl");
        /// </code></example>
        public PreferencesCatalog Preferences => new(mlContext);
    }

    /// <summary>The same as the property <c>Preferences</c>, for languages without extension properties: F#, Visual Basic, C# before 14.</summary>
    /// <param name="mlContext">The context.</param>
    /// <returns>The catalog.</returns>
    /// <example><code>
    /// let pairs = ml.GetPreferences().Load("train.jsonl")    // F#
    /// </code></example>
    public static PreferencesCatalog GetPreferences(this MLContext mlContext) => new(mlContext);
}
