using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Labeling;

namespace MLNet.Dpo.Experiments;

/// <summary>Prompts dealt out to folds: each prompt with all its rows to one, folds of about as many rows.</summary>
internal sealed class PromptFolds
{
    private readonly Dictionary<string, int> _folds = [];

    private PromptFolds(int count) => Rows = new int[count];

    /// <summary>Rows of each fold.</summary>
    internal int[] Rows { get; }

    /// <summary>The fold of a prompt.</summary>
    internal int Of(string key) => _folds[key];

    /// <summary>Prompts of a fold.</summary>
    internal int PromptsOf(int fold) => _folds.Values.Count(other => other == fold);

    /// <summary>Deals out the prompts of rows, which are read once.</summary>
    /// <exception cref="PreferenceDataException">There are fewer prompts than folds.</exception>
    internal static PromptFolds Deal(IDataView data, int count, int seed)
    {
        var rows = new Dictionary<string, int>();
        var columns = PreferenceColumns.Find(data.Schema, new InputColumnNames());
        using var cursor = data.GetRowCursor(columns.All);
        var read = columns.CreateReader(cursor);
        while (cursor.MoveNext())
        {
            var key = SaidText.Key(read().Prompt);
            rows[key] = rows.GetValueOrDefault(key) + 1;
        }
        if (rows.Count < count) throw new PreferenceDataException($"There are {rows.Count} different prompts for {count} folds; a prompt's rows stay together, so give more prompts or fewer folds.");
        var folds = new PromptFolds(count);
        string[] keys = [.. rows.Keys];
        new Random(seed).Shuffle(keys);
        // The prompts of most rows first, each to the fold that has the fewest.
        foreach (var key in keys.OrderByDescending(key => rows[key]))
        {
            var fold = Array.IndexOf(folds.Rows, folds.Rows.Min());
            folds._folds[key] = fold;
            folds.Rows[fold] += rows[key];
        }
        return folds;
    }
}
