using Microsoft.ML;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>A scorer of what a row's prompt and responses say.</summary>
internal abstract class ResponseScorer : RowScorer
{
    /// <summary>A function that scores the responses of a row; each cursor has its own, so that scorers with state need no lock.</summary>
    internal abstract Func<PreferenceRow, float[]> CreateScore();

    internal override void CheckShape(SchemaShape input)
    {
        var names = input.Select(column => column.Name).ToHashSet();
        if (!names.Contains(ColumnNames.Prompt) && !names.Contains(ColumnNames.Messages)) throw PreferenceColumns.Missing($"{ColumnNames.Prompt} or {ColumnNames.Messages}");
        if (!names.Contains(ColumnNames.Responses) && !names.Contains(ColumnNames.ResponseMessages) && !(names.Contains(ColumnNames.Chosen) && names.Contains(ColumnNames.Rejected)))
            throw NoResponses();
    }

    internal override BoundScorer Bind(DataViewSchema input)
    {
        var columns = PreferenceColumns.Find(input, new InputColumnNames());
        if (!columns.HasResponses) throw NoResponses();
        return new BoundScorer([.. columns.All], row =>
        {
            var (read, score) = (columns.CreateReader(row), CreateScore());
            return () => score(read());
        });
    }

    private ArgumentException NoResponses() => new(
        $"Column {ColumnNames.Responses} is missing: {Description} scores responses; give rows with {ColumnNames.Responses} or {ColumnNames.ResponseMessages}, or with {ColumnNames.Chosen} and {ColumnNames.Rejected}.");
}
