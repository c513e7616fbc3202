namespace MLNet.Dpo.DataViews;

/// <summary>What the model's view asks of a model: DataViews knows columns and cursors, and nothing of networks.</summary>
internal interface IRowModel
{
    /// <summary>Whether rewards can be computed.</summary>
    bool HasReference { get; }

    /// <summary>Sees that a row can be run, so that one that cannot does not take the rows of its batch with it.</summary>
    /// <param name="row">The row.</param>
    /// <param name="wanted">What is to be computed.</param>
    /// <param name="number">Its number in its view, from 0.</param>
    /// <exception cref="PreferenceDataException">It cannot.</exception>
    void Check(TokenizedRow row, WantedResults wanted, int number);

    /// <summary>Runs a batch of rows, side by side.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="wanted">What to compute.</param>
    /// <param name="firstRow">The number of the first of them in its view, from 0; it seeds the sampling.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <returns>One result for each row.</returns>
    IReadOnlyList<RowResults> Run(IReadOnlyList<TokenizedRow> rows, WantedResults wanted, int firstRow, CancellationToken cancellation);
}
