using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>Any ML.NET transformer that scores one text, or one pair of prompt and response, at a time.</summary>
internal sealed class ModelScorer : ResponseScorer
{
    private readonly ITransformer _model;
    private readonly string _scoreColumn;
    private readonly string? _className;

    internal ModelScorer(ITransformer model, string scoreColumn, string? className, PromptSet trainedOn)
    {
        (_model, _scoreColumn, _className, TrainedOn) = (model, scoreColumn, className, trainedOn);
        _ = CreateScore();
    }

    internal override string Description => $"Model({_scoreColumn}{(_className is null ? "" : $" of {_className}")})";

    internal override PromptSet TrainedOn { get; }

    internal override Func<PreferenceRow, float[]> CreateScore()
    {
        var mapper = Mapper();
        var column = mapper.OutputSchema.GetColumnOrNull(_scoreColumn) ?? throw new ArgumentException(
            $"The model gives no column {_scoreColumn}; it gives {string.Join(", ", mapper.OutputSchema.Where(c => !c.IsHidden).Select(c => c.Name))}. Name the one with the score in scoreColumnName.");
        var row = new ResponseRow();
        var score = Reader(mapper.GetRow(row, [column]), column);
        return group => [.. group.Responses.Select(response =>
        {
            row.MoveTo(SaidText.OfUser(group.Prompt), SaidText.OfAssistant(response));
            return score();
        })];
    }

    internal override void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(_scoreColumn);
        ctx.Writer.Write(_className is not null);
        if (_className is not null) ctx.Writer.Write(_className);
        TrainedOn.Write(ctx.Writer);
        ctx.SaveModel(_model, "Model");
    }

    internal static ModelScorer Load(IHostEnvironment env, ModelLoadContext ctx)
    {
        var scoreColumn = ctx.Reader.ReadString();
        var className = ctx.Reader.ReadBoolean() ? ctx.Reader.ReadString() : null;
        var trainedOn = PromptSet.Read(ctx.Reader);
        return new ModelScorer(ScorerStreams.LoadTransformer(env, ctx, "Model"), scoreColumn, className, trainedOn);
    }

    private IRowToRowMapper Mapper()
    {
        if (!_model.IsRowToRowMapper) throw new ArgumentException("The model does not work row by row (one of its links filters or joins rows), so it cannot score single responses; leave that link out.");
        try
        {
            return _model.GetRowToRowMapper(ResponseRow.ColumnsOfExamples);
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException)
        {
            throw new ArgumentException($"The model cannot score rows of {string.Join(", ", ResponseRow.ColumnsOfExamples.Select(c => $"{c.Name} ({c.Type})"))}: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }

    private Func<float> Reader(DataViewRow row, DataViewSchema.Column column)
    {
        if (column.Type.RawType == typeof(float)) return Scalar(row, column);
        if (column.Type is not VectorDataViewType vector || vector.ItemType.RawType != typeof(float))
            throw new ArgumentException($"Column {_scoreColumn} is {column.Type}; a score must be Single, or a vector of Single with a slot for each class.");
        var slot = Slot(column);
        var getter = row.GetGetter<VBuffer<float>>(column);
        var buffer = default(VBuffer<float>);
        return () =>
        {
            getter(ref buffer);
            return buffer.GetItemOrDefault(slot);
        };
    }

    private Func<float> Scalar(DataViewRow row, DataViewSchema.Column column)
    {
        if (_className is not null) throw new ArgumentException($"className is '{_className}', but column {_scoreColumn} is one number, not one for each class; leave className null.");
        var getter = row.GetGetter<float>(column);
        return () =>
        {
            var value = float.NaN;
            getter(ref value);
            return value;
        };
    }

    private int Slot(DataViewSchema.Column column)
    {
        var names = default(VBuffer<ReadOnlyMemory<char>>);
        if (column.HasSlotNames()) column.GetSlotNames(ref names);
        string[] classes = [.. names.DenseValues().Select(name => name.ToString())];
        var slot = Array.IndexOf(classes, _className);
        return slot >= 0 ? slot : throw new ArgumentException(
            $"className is {(_className is null ? "null" : $"'{_className}'")}, but column {_scoreColumn} has a score for each class; name one of {(classes.Length == 0 ? "its classes (the column names none)" : string.Join(", ", classes))}.");
    }
}
