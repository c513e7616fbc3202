using Microsoft.ML;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>Rows of a source that does not repeat itself, such as a queue or a query: whoever opens it again gets what is left. It counts how often that is.</summary>
internal sealed class OnePassView : IDataView
{
    private readonly IDataView _rows;

    internal OnePassView(MLContext ml, IEnumerable<string> prompts)
    {
        var left = new Queue<string>(prompts);
        _rows = ml.Data.LoadFromEnumerable(Take());

        IEnumerable<Row> Take()
        {
            var number = 0;
            while (left.TryDequeue(out var prompt))
                yield return new Row { Prompt = prompt, Number = number, Parts = [number++, .. prompt.Select(c => (float)c)], Chosen = prompt + "!", Rejected = prompt + "?" };
        }
    }

    /// <summary>Cursors that were opened.</summary>
    internal int Opened { get; private set; }

    public DataViewSchema Schema => _rows.Schema;

    public bool CanShuffle => false;

    public long? GetRowCount() => null;

    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null)
    {
        Opened++;
        return _rows.GetRowCursor(columnsNeeded, rand);
    }

    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    internal class Row
    {
        public string Prompt { get; set; } = "";

        public int Number { get; set; }

        public float[] Parts { get; set; } = [];

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }
}
