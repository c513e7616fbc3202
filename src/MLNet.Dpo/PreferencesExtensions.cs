using Microsoft.ML;

namespace MLNet.Dpo;

/// <summary>Hangs this library's catalog on <see cref="MLContext"/>.</summary>
public static class PreferencesExtensions
{
    extension(MLContext mlContext)
    {
        /// <summary>Preference data, and chat models tuned on it.</summary>
        public PreferencesCatalog Preferences => new(mlContext);
    }
}
