using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>The columns that a model adds to a schema, and their values over a row.</summary>
internal sealed class CausalLMRowMap : RowMap
{
    private readonly IRowModel _model;
    private readonly TokenColumns _input;

    internal CausalLMRowMap(IRowModel model, DataViewSchema input)
        : base(input, CausalLMColumns.Added(TokenColumns.FindOptional(input), model.HasReference))
    {
        _model = model;
        _input = TokenColumns.FindOptional(input);
    }

    internal override IEnumerable<DataViewSchema.Column> Sources => _input.All;

    /// <summary>A function that reads a row's tokens.</summary>
    internal Func<TokenizedRow> Reader(DataViewRow input) => _input.CreateReader(input);

    /// <summary>Sees that the model can run a row.</summary>
    internal void Check(TokenizedRow row, bool[] active, int number) => _model.Check(row, Wanted(active), number);

    /// <summary>Runs the model over a batch of rows.</summary>
    internal IReadOnlyList<RowResults> Run(IReadOnlyList<TokenizedRow> rows, bool[] active, int firstRow, CancellationToken cancellation) =>
        _model.Run(rows, Wanted(active), firstRow, cancellation);

    internal override Delegate?[] CreateGetters(DataViewRow input, bool[] active)
    {
        if (!Wanted(active).Any) return new Delegate?[AddedCount];
        var read = Reader(input);
        var position = -1L;
        RowResults? results = null;
        return Getters(() =>
        {
            if (results is null || position != input.Position)
            {
                results = Run([read()], active, 0, default)[0];
                position = input.Position;
            }
            return results;
        });
    }

    /// <summary>Getters over the results of the current row.</summary>
    internal Delegate?[] Getters(Func<RowResults> current)
    {
        Delegate[] all =
        [
            (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = current().Completion.AsMemory()),
            (ValueGetter<ReadOnlyMemory<char>>)((ref ReadOnlyMemory<char> value) => value = current().FinishReason.AsMemory()),
            (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Vectors.Fill(current().Logps, ref value)),
            (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Vectors.Fill(current().Rewards, ref value)),
            (ValueGetter<float>)((ref float value) => value = current().Margin),
        ];
        return all[..AddedCount];
    }

    // The order is that of CausalLMColumns.Added.
    private static WantedResults Wanted(bool[] active)
    {
        bool Is(int index) => index < active.Length && active[index];
        return new WantedResults(Is(0) || Is(1), Is(2), Is(3) || Is(4));
    }
}
