using Microsoft.ML;

namespace MLNet.Dpo.Labeling;

/// <summary>What gives each response of a row a score; <see cref="ScoringTransformer"/> makes a column of it.</summary>
internal abstract class RowScorer
{
    /// <summary>The scorer and its settings in a few words, for logs and errors.</summary>
    internal abstract string Description { get; }

    /// <summary>The prompts of the labels that the scorer was fitted to.</summary>
    internal virtual PromptSet TrainedOn => PromptSet.None;

    /// <summary>Checks the columns that the scorer reads.</summary>
    /// <exception cref="ArgumentException">One is missing.</exception>
    internal abstract void CheckShape(SchemaShape input);

    /// <summary>The scorer over a schema.</summary>
    /// <exception cref="ArgumentException">A column is missing or of another type.</exception>
    internal abstract BoundScorer Bind(DataViewSchema input);

    /// <summary>Writes what <see cref="ScorerStreams.Load"/> reads.</summary>
    internal abstract void Save(ModelSaveContext ctx);
}

/// <summary>A scorer over a schema.</summary>
/// <param name="Sources">The columns that it reads.</param>
/// <param name="CreateReader">Over a row or cursor, a function that gives the current row's scores.</param>
internal sealed record BoundScorer(IReadOnlyList<DataViewSchema.Column> Sources, Func<DataViewRow, Func<float[]>> CreateReader);
