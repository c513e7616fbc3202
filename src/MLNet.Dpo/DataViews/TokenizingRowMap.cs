using Microsoft.ML;
using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>The token columns over a schema of text columns.</summary>
internal sealed class TokenizingRowMap : RowMap
{
    private readonly RowTokenizer _tokenizer;
    private readonly PreferenceColumns _columns;

    internal TokenizingRowMap(PreferenceTokenizingTransformer transformer, DataViewSchema input)
        : base(input, Added(PreferenceColumns.Find(input, transformer.InputColumns), TokenizedBy.Annotation(transformer)))
    {
        _tokenizer = transformer.RowTokenizer;
        _columns = PreferenceColumns.Find(input, transformer.InputColumns);
    }

    internal override IEnumerable<DataViewSchema.Column> Sources => _columns.All;

    internal override Delegate?[] CreateGetters(DataViewRow input, bool[] active)
    {
        if (!active.Any(a => a)) return new Delegate?[AddedCount];
        var read = _columns.CreateReader(input);
        var position = -1L;
        PreferenceRow? row = null;
        TokenizedGroup? group = null;
        TokenizedGroup Current()
        {
            if (group is null || position != input.Position)
            {
                group = _tokenizer.Tokenize(row = read());
                position = input.Position;
            }
            return group;
        }

        Delegate[] all =
        [
            (ValueGetter<VBuffer<int>>)((ref VBuffer<int> value) => Vectors.Fill<int>(Current().PromptTokens, ref value)),
            (ValueGetter<VBuffer<int>>)((ref VBuffer<int> value) => Vectors.Fill<int>([.. Current().ResponseTokens.SelectMany(t => t)], ref value)),
            (ValueGetter<VBuffer<int>>)((ref VBuffer<int> value) => Vectors.Fill<int>([.. Current().ResponseTokens.Select(t => t.Length)], ref value)),
            (ValueGetter<bool>)((ref bool value) => value = Current().PromptIsPrefix),
            _columns.IsPair ? (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Vectors.Fill<float>([1f, 0f], ref value))
                : _columns.Scores is { } scores && input.IsColumnActive(scores) ? input.GetGetter<VBuffer<float>>(scores)
                : (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) => Vectors.Fill<float>([], ref value)),
        ];
        if (!HasPromptWeights) return all[..AddedCount];
        // A template that cannot tell turns apart is a fault only where their weights are read.
        return [.. all[..(AddedCount - 1)], (ValueGetter<VBuffer<float>>)((ref VBuffer<float> value) =>
        {
            var tokens = Current();
            Vectors.Fill(_tokenizer.PromptWeights(row!, tokens), ref value);
        })];
    }

    private bool HasPromptWeights => _columns is { HasResponses: true, LossWeights: not null };

    private static IReadOnlyList<DataViewSchema.DetachedColumn> Added(PreferenceColumns columns, DataViewSchema.Annotations tokenizedBy)
    {
        var ids = new VectorDataViewType(NumberDataViewType.Int32);
        var added = new List<DataViewSchema.DetachedColumn> { new(ColumnNames.PromptTokens, ids, tokenizedBy) };
        if (!columns.HasResponses) return added;
        added.Add(new(ColumnNames.ResponseTokens, ids));
        added.Add(new(ColumnNames.ResponseLengths, ids));
        added.Add(new(ColumnNames.PromptIsPrefix, BooleanDataViewType.Instance));
        if (columns.IsPair) added.Add(new(ColumnNames.Scores, new VectorDataViewType(NumberDataViewType.Single, 2)));
        else if (columns.Scores is { } scores) added.Add(new(ColumnNames.Scores, scores.Type));
        if (columns.LossWeights is not null) added.Add(new(ColumnNames.PromptWeights, new VectorDataViewType(NumberDataViewType.Single)));
        return added;
    }
}
