namespace MLNet.Dpo.DataViews;

/// <summary>What the model's view asks of a model: DataViews knows columns and cursors, and nothing of networks.</summary>
internal interface IRowModel
{
    /// <summary>Whether rewards can be computed.</summary>
    bool HasReference { get; }

    /// <summary>Runs a batch of rows, side by side.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="wanted">What to compute.</param>
    /// <param name="firstRow">The number of the first of them in its view, from 0; it seeds the sampling.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>One result for each row.</returns>
    IReadOnlyList<RowResults> Run(IReadOnlyList<TokenizedRow> rows, WantedResults wanted, int firstRow, CancellationToken cancellation);
}
