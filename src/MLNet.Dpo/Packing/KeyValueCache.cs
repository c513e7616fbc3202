using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Packing;

/// <summary>
/// Keys and values of sequences that grow side by side. Sequences are aligned at their right end: the unused columns at the left of shorter
/// ones are masked, so that all write their next token into the same column.
/// </summary>
internal sealed class KeyValueCache : IDisposable
{
    private const int GrowColumns = 64;

    private readonly Tensor[] _keys;   // a layer: [rows, key-value heads, capacity, D]
    private readonly Tensor[] _values; // a layer: [rows, key-value heads, capacity, D]
    private Tensor _mask;              // [rows, 1, 1, capacity]: -inf in the unused columns, else 0

    /// <summary>An empty cache for the model's layers, of its type.</summary>
    internal KeyValueCache(CausalLM model, IReadOnlyList<int> promptLengths)
    {
        Columns = promptLengths.Max();
        var config = model.Config;
        var shape = new long[] { promptLengths.Count, config.NumKeyValueHeads, Columns + GrowColumns, config.HeadDim };
        _keys = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => zeros(shape, model.Dtype, model.Device).DetachFromDisposeScope())];
        _values = [.. Enumerable.Range(0, config.NumHiddenLayers).Select(_ => zeros(shape, model.Dtype, model.Device).DetachFromDisposeScope())];
        _mask = BuildMask(promptLengths, shape[2], model.Dtype, model.Device);
    }

    /// <summary>What one sequence takes when a cache is made.</summary>
    internal static long BytesPerRow(CausalLM model, int promptLength) =>
        2L * model.Config.NumHiddenLayers * model.Config.NumKeyValueHeads * (promptLength + GrowColumns) * model.Config.HeadDim * (model.Dtype == ScalarType.Float32 ? 4 : 2);

    /// <summary>Columns in use.</summary>
    internal int Columns { get; private set; }

    /// <summary>Stores a prompt's keys and values at the row's right end.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="row">The sequence.</param>
    /// <param name="k">[tokens, key-value heads, D].</param>
    /// <param name="v">[tokens, key-value heads, D].</param>
    internal void Fill(int layer, int row, Tensor k, Tensor v)
    {
        var length = k.size(0);
        _keys[layer].select(0, row).narrow(1, Columns - length, length).copy_(k.transpose(0, 1));
        _values[layer].select(0, row).narrow(1, Columns - length, length).copy_(v.transpose(0, 1));
    }

    /// <summary>Makes room for one more token in every sequence.</summary>
    internal void Advance()
    {
        if (Columns == _mask.size(3)) Replace(keysOrValues => Grow(keysOrValues, 2), mask => Grow(mask, 3));
        Columns++;
    }

    /// <summary>Stores the newest token of every sequence and attends with it over all that came before, as far as the layer's window reaches.</summary>
    /// <param name="layer">Index of the layer.</param>
    /// <param name="settings">The layer's settings.</param>
    /// <param name="q">[rows, heads, D].</param>
    /// <param name="k">[rows, key-value heads, D].</param>
    /// <param name="v">[rows, key-value heads, D].</param>
    /// <returns>[rows, heads · D].</returns>
    internal Tensor AppendAndAttend(int layer, AttentionSettings settings, Tensor q, Tensor k, Tensor v)
    {
        _keys[layer].select(2, Columns - 1).copy_(k);
        _values[layer].select(2, Columns - 1).copy_(v);
        var (rows, heads, dim, kvHeads) = (q.size(0), q.size(1), q.size(2), k.size(1));
        // All rows end in the same column, so that a window begins in the same column too.
        var first = settings.FirstSeen(Columns - 1);
        var attended = ScaledDotProduct.Attend(
            q.reshape(rows, kvHeads, heads / kvHeads, dim), // a key-value head's group of queries takes the place of query positions
            _keys[layer].narrow(2, first, Columns - first),
            _values[layer].narrow(2, first, Columns - first),
            _mask.narrow(3, first, Columns - first),
            settings);
        return attended.reshape(rows, heads * dim);
    }

    /// <summary>Keeps only the given rows, in the given order; a row may be repeated.</summary>
    internal void Select(IReadOnlyList<int> rows)
    {
        using var scope = NewDisposeScope();
        var index = tensor(rows.Select(r => (long)r).ToArray(), device: _mask.device);
        Replace(keysOrValues => keysOrValues.index_select(0, index), mask => mask.index_select(0, index));
    }

    public void Dispose()
    {
        foreach (var tensor in _keys.Concat(_values)) tensor.Dispose();
        _mask.Dispose();
    }

    private void Replace(Func<Tensor, Tensor> change, Func<Tensor, Tensor> changeMask)
    {
        for (var layer = 0; layer < _keys.Length; layer++)
        {
            _keys[layer] = Swap(_keys[layer], change);
            _values[layer] = Swap(_values[layer], change);
        }
        _mask = Swap(_mask, changeMask);
    }

    private static Tensor Swap(Tensor old, Func<Tensor, Tensor> change)
    {
        using var scope = NewDisposeScope();
        var replaced = change(old).DetachFromDisposeScope();
        old.Dispose();
        return replaced;
    }

    // Half as many columns again, zero: what is masked must not be NaN.
    private static Tensor Grow(Tensor old, int columnDimension)
    {
        var shape = old.shape;
        shape[columnDimension] = Math.Max(GrowColumns, shape[columnDimension] / 2);
        return cat([old, zeros(shape, old.dtype, old.device)], columnDimension);
    }

    private static Tensor BuildMask(IReadOnlyList<int> lengths, long capacity, ScalarType dtype, Device device)
    {
        var columns = lengths.Max();
        var mask = new float[lengths.Count * capacity];
        for (var row = 0; row < lengths.Count; row++)
            mask.AsSpan((int)(row * capacity), columns - lengths[row]).Fill(float.NegativeInfinity);
        return tensor(mask, [lengths.Count, 1, 1, capacity], dtype, device).DetachFromDisposeScope();
    }
}
