using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo.Labeling;

/// <summary>A score column as probabilities, by one of ML.NET's calibrators.</summary>
internal sealed class CalibratedScorer : RowScorer
{
    private readonly string _inputColumn;
    private readonly ITransformer _calibrator;

    internal CalibratedScorer(string inputColumn, ITransformer calibrator, PromptSet trainedOn) =>
        (_inputColumn, _calibrator, TrainedOn) = (inputColumn, calibrator, trainedOn);

    internal override string Description => $"Calibrate({_inputColumn})";

    internal override PromptSet TrainedOn { get; }

    internal override void CheckShape(SchemaShape input) => ScoreColumn.CheckShape(input, _inputColumn);

    internal override BoundScorer Bind(DataViewSchema input)
    {
        var column = ScoreColumn.Find(input, _inputColumn);
        return new BoundScorer([column], row =>
        {
            var (read, calibrate) = (ColumnReader.Values<float>(row, column), CreateCalibrate());
            return () => [.. read().Select(calibrate)];
        });
    }

    /// <summary>The calibrator as a function: raw score in, probability out; what is no number stays none.</summary>
    internal Func<float, float> CreateCalibrate()
    {
        var mapper = _calibrator.GetRowToRowMapper(RawScoreRow.Columns);
        var column = mapper.OutputSchema["Probability"];
        var row = new RawScoreRow();
        var getter = mapper.GetRow(row, [column]).GetGetter<float>(column);
        return score =>
        {
            if (!float.IsFinite(score)) return float.NaN;
            row.MoveTo(score);
            var probability = float.NaN;
            getter(ref probability);
            return probability;
        };
    }

    internal override void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(_inputColumn);
        TrainedOn.Write(ctx.Writer);
        ctx.SaveModel(_calibrator, "Calibrator");
    }

    internal static CalibratedScorer Load(IHostEnvironment env, ModelLoadContext ctx)
    {
        var (input, trainedOn) = (ctx.Reader.ReadString(), PromptSet.Read(ctx.Reader));
        return new CalibratedScorer(input, ScorerStreams.LoadTransformer(env, ctx, "Calibrator"), trainedOn);
    }

    /// <summary>One raw score as a row.</summary>
    private sealed class RawScoreRow : DataViewRow
    {
        internal static readonly DataViewSchema Columns = MakeSchema();

        private float _score;
        private long _position = -1;

        public override DataViewSchema Schema => Columns;

        public override long Position => _position;

        public override long Batch => 0;

        internal void MoveTo(float score)
        {
            _score = score;
            _position++;
        }

        public override ValueGetter<DataViewRowId> GetIdGetter() => (ref DataViewRowId id) => id = new DataViewRowId((ulong)_position, 0);

        public override bool IsColumnActive(DataViewSchema.Column column) => true;

        public override ValueGetter<TValue> GetGetter<TValue>(DataViewSchema.Column column) =>
            (ValueGetter<float>)((ref float value) => value = _score) as ValueGetter<TValue> ?? throw new ArgumentException($"Column {column.Name} is {column.Type}.", nameof(column));

        private static DataViewSchema MakeSchema()
        {
            var builder = new DataViewSchema.Builder();
            builder.AddColumn("Score", NumberDataViewType.Single);
            return builder.ToSchema();
        }
    }
}
