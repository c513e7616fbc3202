using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Packing;

/// <summary>
/// Prompts with their responses, laid end to end on the token axis without padding. A prompt is there once, however many responses
/// it has; a response's positions go on from its prompt's end, so every number equals that of running each sequence alone.
/// </summary>
internal sealed class PackedBatch : IDisposable
{
    private readonly List<long> _tokens = [];
    private readonly List<float> _positions = [];
    private readonly List<AttentionBlock> _blocks = [];
    private readonly List<long> _scoredRows = [];
    private readonly List<long> _targets = [];
    private readonly List<int> _responseOfTarget = [];
    private readonly List<Range> _targetsOfResponse = [];
    private readonly List<int> _lastRows = [];

    internal PackedBatch(IReadOnlyList<PreferenceExample> examples, CausalLM model)
    {
        var device = model.Device;
        Examples = examples;
        foreach (var example in examples) Add(example);
        Tokens = Own(tensor(_tokens.ToArray(), device: device));
        Positions = Own(tensor(_positions.ToArray(), device: device));
        ScoredRows = Own(tensor(_scoredRows.ToArray(), device: device));
        Targets = Own(tensor(_targets.ToArray(), device: device));
        Pattern = new PackedAttention(_blocks, model.Config.NumAttentionHeads / model.Config.NumKeyValueHeads, device);
    }

    internal IReadOnlyList<PreferenceExample> Examples { get; }

    /// <summary>[tokens], int64.</summary>
    internal Tensor Tokens { get; }

    /// <summary>[tokens], float32.</summary>
    internal Tensor Positions { get; }

    /// <summary>[targets], int64: the row whose hidden state predicts each target.</summary>
    internal Tensor ScoredRows { get; }

    /// <summary>[targets], int64: the response tokens that are predicted, in order.</summary>
    internal Tensor Targets { get; }

    internal PackedAttention Pattern { get; }

    /// <summary>For each target, the response (counted through the whole batch) that it belongs to.</summary>
    internal IReadOnlyList<int> ResponseOfTarget => _responseOfTarget;

    /// <summary>For each response of the whole batch, its targets.</summary>
    internal IReadOnlyList<Range> TargetsOfResponse => _targetsOfResponse;

    /// <summary>Responses in the whole batch.</summary>
    internal int ResponseCount => _targetsOfResponse.Count;

    /// <summary>For each example, the row of its prompt's last token.</summary>
    internal IReadOnlyList<int> LastPromptRows => _lastRows;

    public void Dispose()
    {
        Tokens.Dispose();
        Positions.Dispose();
        ScoredRows.Dispose();
        Targets.Dispose();
        Pattern.Dispose();
    }

    private void Add(PreferenceExample example)
    {
        var promptStart = _tokens.Count;
        Append(example.Prompt, 0, example.Prompt.Length);
        _lastRows.Add(_tokens.Count - 1);
        // The first response is one causal sequence with the prompt; the others see the prompt and themselves.
        var sequenceStart = promptStart;
        foreach (var response in example.Responses)
        {
            var start = _tokens.Count;
            Append(response, example.Prompt.Length, response.Length - 1);
            AddTargets(response, example.Prompt.Length > 0 ? promptStart + example.Prompt.Length - 1 : -1, start);
            AddBlocks(promptStart, example.Prompt.Length, sequenceStart);
            sequenceStart = _tokens.Count;
        }
        if (example.Responses.Length == 0) AddBlocks(promptStart, 0, promptStart);
    }

    private void AddBlocks(int promptStart, int promptLength, int sequenceStart)
    {
        var prefix = sequenceStart == promptStart ? 0 : promptLength;
        for (var start = sequenceStart; start < _tokens.Count; start += PackedAttention.MaxBlockRows)
        {
            var rows = Math.Min(PackedAttention.MaxBlockRows, _tokens.Count - start);
            _blocks.Add(new AttentionBlock(start, rows, sequenceStart, promptStart, prefix));
        }
    }

    private void Append(int[] tokens, int firstPosition, int count)
    {
        for (var i = 0; i < count; i++)
        {
            _tokens.Add(tokens[i]);
            _positions.Add(firstPosition + i);
        }
    }

    private void AddTargets(int[] response, int lastPromptRow, int start)
    {
        var first = _targets.Count;
        for (var i = 0; i < response.Length; i++)
        {
            var row = i == 0 ? lastPromptRow : start + i - 1;
            if (row < 0) continue; // nothing predicts the first token of all
            _scoredRows.Add(row);
            _targets.Add(response[i]);
            _responseOfTarget.Add(ResponseCount);
        }
        _targetsOfResponse.Add(first.._targets.Count);
    }

    private static Tensor Own(Tensor tensor) => tensor.DetachFromDisposeScope();
}
