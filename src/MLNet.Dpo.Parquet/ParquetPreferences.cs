using Microsoft.ML;
using MLNet.Dpo.Data;
using MLNet.Dpo.Parquet;

namespace MLNet.Dpo;

/// <summary>Loads preference data from Parquet files.</summary>
public static class ParquetPreferences
{
    /// <summary>
    /// Preference data of Parquet files, read lazily, one row group at a time: the same rows as <see cref="PreferencesCatalog.Load(string[])"/> gives for the same records in JSON.
    /// Lists and structs are those of JSON, null is absence.
    /// </summary>
    /// <param name="catalog"><c>ml.Preferences</c>.</param>
    /// <param name="paths">The files.</param>
    /// <returns>One row for each record, in the files' order.</returns>
    /// <exception cref="PreferenceDataException">A file is missing or, when rows are read, is no Parquet or has a record that cannot be used.</exception>
    /// <example><code>
    /// IDataView pairs = ml.Preferences.LoadParquet("train-00000-of-00001.parquet");
    /// </code></example>
    public static IDataView LoadParquet(this PreferencesCatalog catalog, params string[] paths) => catalog.LoadParquet(new PreferenceLoader.Options(), paths);

    /// <summary>Preference data of Parquet files, with settings of the loader.</summary>
    /// <param name="catalog"><c>ml.Preferences</c>.</param>
    /// <param name="options">The records' format, which column holds what, what is let pass, and what is done with bad rows.</param>
    /// <param name="paths">The files.</param>
    /// <returns>One row for each record, in the files' order.</returns>
    /// <exception cref="PreferenceDataException">A file is missing or, when rows are read, is no Parquet or has a record that cannot be used.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <example><code>
    /// IDataView pairs = ml.Preferences.LoadParquet(
    ///     new PreferenceLoader.Options { Columns = new() { Prompt = "frage", Chosen = "gut", Rejected = "schlecht" } }, "train.parquet");
    /// </code></example>
    public static IDataView LoadParquet(this PreferencesCatalog catalog, PreferenceLoader.Options options, params string[] paths)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(paths);
        return catalog.Load(options, [.. paths.Select(FileAt)]);
    }

    private static PreferenceFile FileAt(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!File.Exists(path))
            throw PreferenceDataException.InFile(path, Directory.Exists(path) ? "is a folder; expected a Parquet file" : "does not exist; expected a Parquet file");
        var file = PreferenceFile.At(path);
        return file with { Records = () => new ParquetRecordReader(file) };
    }
}
