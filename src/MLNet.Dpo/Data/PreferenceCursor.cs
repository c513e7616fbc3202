using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.Data;

/// <summary>Walks over groups as rows of <see cref="PreferenceDataView.OutputSchema"/>.</summary>
internal sealed class PreferenceCursor : DataViewRowCursor
{
    private readonly IEnumerator<PreferenceGroup> _groups;
    private readonly bool[] _isActive;
    private PreferenceGroup? _current;
    private long _position = -1;

    public PreferenceCursor(DataViewSchema schema, IEnumerable<DataViewSchema.Column> columnsNeeded, IEnumerable<PreferenceGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(columnsNeeded);
        Schema = schema;
        _groups = groups.GetEnumerator();
        _isActive = new bool[schema.Count];
        foreach (var column in columnsNeeded)
            _isActive[column.Index] = true;
    }

    /// <inheritdoc/>
    public override DataViewSchema Schema { get; }

    /// <inheritdoc/>
    public override long Position => _position;

    /// <inheritdoc/>
    public override long Batch => 0;

    private PreferenceGroup Current => _current ?? throw new InvalidOperationException("the cursor is not at a row: call MoveNext first, and read while it returns true");

    /// <inheritdoc/>
    public override bool MoveNext()
    {
        if (!_groups.MoveNext())
        {
            (_current, _position) = (null, -1);
            return false;
        }
        _current = _groups.Current;
        _position++;
        return true;
    }

    /// <inheritdoc/>
    public override bool IsColumnActive(DataViewSchema.Column column) => column.Index < _isActive.Length && _isActive[column.Index];

    /// <inheritdoc/>
    public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)(Current is null ? -1 : _position), 0);

    /// <inheritdoc/>
    public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column)
    {
        if (!IsColumnActive(column))
            throw new ArgumentException($"column '{column.Name}' is not active; ask for it when the cursor is made", nameof(column));
        return Getter(column) as ValueGetter<TValue>
            ?? throw new InvalidOperationException($"column '{column.Name}' is {column.Type}, values of which are {column.Type.RawType}; asked for {typeof(TValue)}");
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _current = null;
            _groups.Dispose();
        }
        base.Dispose(disposing);
    }

    private Delegate Getter(DataViewSchema.Column column) => column.Name switch
    {
        nameof(PreferenceGroup.Prompt) => Text(group => group.Prompt),
        nameof(PreferenceGroup.Messages) => Text(group => group.Messages),
        nameof(PreferenceGroup.PromptKey) => Text(group => group.PromptKey),
        nameof(PreferenceGroup.Tools) => Text(group => group.Tools),
        nameof(PreferenceGroup.ChatTemplateArguments) => Text(group => group.ChatTemplateArguments),
        nameof(PreferenceGroup.SourceRecord) => Text(group => group.SourceRecord),
        nameof(PreferenceGroup.Responses) => Vector(group => group.Responses, text => text.AsMemory()),
        nameof(PreferenceGroup.ResponseMessages) => Vector(group => group.ResponseMessages, text => text.AsMemory()),
        nameof(PreferenceGroup.LossWeights) => Vector(group => group.LossWeights, weight => weight),
        nameof(PreferenceGroup.LmLossMasks) => Vector(group => group.LmLossMasks, mask => mask),
        _ => Vector(group => group.Scores, score => score),
    };

    private ValueGetter<ReadOnlyMemory<char>> Text(Func<PreferenceGroup, string> text) =>
        (ref ReadOnlyMemory<char> value) => value = text(Current).AsMemory();

    private ValueGetter<VBuffer<TValue>> Vector<T, TValue>(Func<PreferenceGroup, IReadOnlyList<T>> items, Func<T, TValue> convert) => (ref VBuffer<TValue> value) =>
    {
        var all = items(Current);
        var editor = VBufferEditor.Create(ref value, all.Count);
        for (var i = 0; i < all.Count; i++)
            editor.Values[i] = convert(all[i]);
        value = editor.Commit();
    };
}
