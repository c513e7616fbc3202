using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.Data;

/// <summary>The groups of some files as rows. Each cursor reads the files anew, front to back.</summary>
internal sealed class PreferenceDataView(IReadOnlyList<PreferenceFile> files, PreferenceReader reader, ReadingReport report) : IDataView
{
    /// <summary>Columns <c>Prompt</c>, <c>Messages</c>, <c>PromptKey</c> (text), <c>Responses</c>, <c>ResponseMessages</c> (variable vectors of text), <c>Scores</c>, <c>LossWeights</c>, <c>LmLossMasks</c> (variable vectors of Single), <c>Tools</c>, <c>ChatTemplateArguments</c>, <c>SourceRecord</c> (text).</summary>
    public static DataViewSchema OutputSchema { get; } = MakeSchema();

    /// <inheritdoc/>
    public DataViewSchema Schema => OutputSchema;

    /// <inheritdoc/>
    public bool CanShuffle => false;

    /// <summary>Null: the number of records is known when all have been read.</summary>
    public long? GetRowCount() => null;

    /// <inheritdoc/>
    public DataViewRowCursor GetRowCursor(IEnumerable<DataViewSchema.Column> columnsNeeded, Random? rand = null) =>
        new PreferenceCursor(Schema, columnsNeeded, reader.Read(files, report));

    /// <summary>One cursor: a file is read front to back.</summary>
    public DataViewRowCursor[] GetRowCursorSet(IEnumerable<DataViewSchema.Column> columnsNeeded, int n, Random? rand = null) => [GetRowCursor(columnsNeeded, rand)];

    private static DataViewSchema MakeSchema()
    {
        var builder = new DataViewSchema.Builder();
        builder.AddColumn(nameof(PreferenceGroup.Prompt), TextDataViewType.Instance);
        builder.AddColumn(nameof(PreferenceGroup.Messages), TextDataViewType.Instance);
        builder.AddColumn(nameof(PreferenceGroup.PromptKey), TextDataViewType.Instance);
        builder.AddColumn(nameof(PreferenceGroup.Responses), new VectorDataViewType(TextDataViewType.Instance));
        builder.AddColumn(nameof(PreferenceGroup.ResponseMessages), new VectorDataViewType(TextDataViewType.Instance));
        builder.AddColumn(nameof(PreferenceGroup.Scores), new VectorDataViewType(NumberDataViewType.Single));
        builder.AddColumn(nameof(PreferenceGroup.LossWeights), new VectorDataViewType(NumberDataViewType.Single));
        builder.AddColumn(nameof(PreferenceGroup.LmLossMasks), new VectorDataViewType(NumberDataViewType.Single));
        builder.AddColumn(nameof(PreferenceGroup.Tools), TextDataViewType.Instance);
        builder.AddColumn(nameof(PreferenceGroup.ChatTemplateArguments), TextDataViewType.Instance);
        builder.AddColumn(nameof(PreferenceGroup.SourceRecord), TextDataViewType.Instance);
        return builder.ToSchema();
    }
}
