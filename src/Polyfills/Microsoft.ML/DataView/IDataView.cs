using Microsoft.ML.Data;

namespace Microsoft.ML;

/// <summary>A lazily read table: a schema, and cursors over its rows.</summary>
public interface IDataView
{
    /// <summary>Whether <see cref="GetRowCursor"/> honours a random generator. When false, <c>rand</c> is ignored.</summary>
    bool CanShuffle { get; }

    /// <summary>The columns.</summary>
    DataViewSchema Schema { get; }

    /// <summary>The number of rows when it is known at no cost, otherwise null.</summary>
    long? GetRowCount();

    /// <summary>A cursor in which at least <paramref name="columnsNeeded"/> are active.</summary>
    DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random rand = null);

    /// <summary>Up to <paramref name="n"/> cursors that together yield each row once; one cursor is always a valid answer.</summary>
    DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random rand = null);
}

/// <summary>Writes a column's value at the current row into the caller's buffer, which may be reused.</summary>
public delegate void ValueGetter<TValue>(ref TValue value);

/// <summary>One row, or the moving row of a cursor.</summary>
public abstract class DataViewRow : IDisposable
{
    /// <summary>Zero-based row number; -1 before the first row.</summary>
    public abstract long Position { get; }

    /// <summary>The batch that the row came from; 0 where rows are not read in parallel.</summary>
    public abstract long Batch { get; }

    /// <summary>The columns.</summary>
    public abstract DataViewSchema Schema { get; }

    /// <summary>A getter of an identifier that stays with the row when the view is shuffled or filtered.</summary>
    public abstract ValueGetter<DataViewRowId> GetIdGetter();

    /// <summary>Whether the column's value may be asked for.</summary>
    public abstract bool IsColumnActive(DataViewSchema.Column column);

    /// <summary>A getter of the column's value; throws when the column is inactive or of another type.</summary>
    public abstract ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column);

    /// <summary>Releases what the row holds.</summary>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the row holds.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}

/// <summary>A row that moves forward through a view.</summary>
public abstract class DataViewRowCursor : DataViewRow
{
    /// <summary>Advances to the next row; false, for good, when there is none.</summary>
    public abstract bool MoveNext();
}
