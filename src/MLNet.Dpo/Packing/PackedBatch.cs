using MLNet.Dpo.Models;
using static TorchSharp.torch;

namespace MLNet.Dpo.Packing;

/// <summary>
/// Prompts with their responses, laid end to end on the token axis without padding. A prompt is there once, however many responses
/// it has, unless its front was cut (<see cref="TokenGroup.PromptStarts"/>); a response's positions go on from its prompt's end, so every number equals that of running each sequence alone.
/// </summary>
internal sealed class PackedBatch : IDisposable
{
    /// <summary>The owner of a target that belongs to no response.</summary>
    internal const int NoResponse = -1;

    private readonly List<long> _tokens = [];
    private readonly List<float> _positions = [];
    private readonly List<int> _lengths = [];
    private readonly List<int> _sequencesOfRow = [];
    private readonly int _unscored; // of a response's tokens, those that are not run: the last one predicts nothing, but routers learn of it too
    private readonly List<AttentionBlock> _blocks = [];
    private readonly List<long> _scoredRows = [];
    private readonly List<long> _targets = [];
    private readonly List<int> _ownerOfTarget = [];
    private readonly List<float> _lmWeightOfTarget = [];
    private readonly List<Range> _targetsOfResponse = [];
    private readonly List<int> _lastRows = [];

    internal PackedBatch(IReadOnlyList<TokenGroup> groups, CausalLM model)
    {
        var device = model.Device;
        Groups = groups;
        _unscored = model.Config.RouterLoss is null ? 1 : 0;
        foreach (var sequences in groups.SelectMany(group => Shareable(group, model.Config).Sequences())) Add(sequences);
        RequirePositions(model.Config);
        Tokens = Own(tensor(_tokens.ToArray(), device: device));
        Positions = Own(tensor(_positions.ToArray(), device: device));
        ScoredRows = Own(tensor(_scoredRows.ToArray(), device: device));
        Targets = Own(tensor(_targets.ToArray(), device: device));
        Pattern = new PackedAttention(_blocks, _lengths);
    }

    internal IReadOnlyList<TokenGroup> Groups { get; }

    /// <summary>[tokens], int64.</summary>
    internal Tensor Tokens { get; }

    /// <summary>[tokens], float32.</summary>
    internal Tensor Positions { get; }

    /// <summary>[tokens]: the sequences that each row stands for; more than one where responses share a prompt.</summary>
    internal IReadOnlyList<int> SequencesOfRow => _sequencesOfRow;

    /// <summary>[targets], int64: the row whose hidden state predicts each target.</summary>
    internal Tensor ScoredRows { get; }

    /// <summary>[targets], int64: the tokens that are predicted, in order: a group's weighted prompt tokens, then those of its responses.</summary>
    internal Tensor Targets { get; }

    internal PackedAttention Pattern { get; }

    /// <summary>For each target, the response (counted through the whole batch) that it belongs to; <see cref="NoResponse"/> for a prompt token.</summary>
    internal IReadOnlyList<int> OwnerOfTarget => _ownerOfTarget;

    /// <summary>For each target, its weight in the language-model loss.</summary>
    internal IReadOnlyList<float> LmWeightOfTarget => _lmWeightOfTarget;

    /// <summary>For each response of the whole batch, its targets.</summary>
    internal IReadOnlyList<Range> TargetsOfResponse => _targetsOfResponse;

    /// <summary>Responses in the whole batch.</summary>
    internal int ResponseCount => _targetsOfResponse.Count;

    /// <summary>For each group, the row of its prompt's last token; where nothing of a prompt is shared, there is one for each response.</summary>
    internal IReadOnlyList<int> LastPromptRows => _lastRows;

    public void Dispose()
    {
        Tokens.Dispose();
        Positions.Dispose();
        ScoredRows.Dispose();
        Targets.Dispose();
        Pattern.Dispose();
    }

    private void Add(TokenGroup group)
    {
        var promptStart = _tokens.Count;
        var length = group.Prompt.Length + (group.Responses.Length > 0 ? group.Responses[0].Length : 0);
        Append(group.Prompt, 0, group.Prompt.Length, length, Math.Max(1, group.Responses.Length));
        AddPromptTargets(group, promptStart);
        _lastRows.Add(_tokens.Count - 1);
        // The first response is one causal sequence with the prompt; the others see the prompt and themselves.
        var sequenceStart = promptStart;
        foreach (var (number, response) in group.Responses.Index())
        {
            var start = _tokens.Count;
            Append(response, group.Prompt.Length, response.Length - _unscored, group.Prompt.Length + response.Length, sequences: 1);
            AddTargets(response, group.Prompt.Length > 0 ? promptStart + group.Prompt.Length - 1 : -1, start, group.LmWeights?[number] ?? 0);
            AddBlocks(promptStart, group.Prompt.Length, sequenceStart);
            sequenceStart = _tokens.Count;
        }
        if (group.Responses.Length == 0) AddBlocks(promptStart, 0, promptStart);
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

    /// <summary>
    /// Rotary frequencies can depend on the length of the whole sequence: responses that give their prompt different ones share none, and each is a sequence of its own.
    /// </summary>
    private static TokenGroup Shareable(TokenGroup group, DecoderConfig config)
    {
        if (config.Rope is not { Scaling.DependsOnLength: true } rope || group.PromptStarts is not null) return group;
        var regimes = group.Responses.Select(response => rope.Regime(group.Prompt.Length + response.Length)).Distinct().Count();
        return regimes <= 1 ? group : group with { PromptStarts = new int[group.Responses.Length] };
    }

    // Learned positions end somewhere; rotations do not.
    private void RequirePositions(DecoderConfig config)
    {
        var longest = config.Rope is null && _positions.Count > 0 ? (int)_positions.Max() + 1 : 0;
        if (longest > config.MaxPositionEmbeddings)
            throw new ArgumentException($"A sequence has {longest} tokens, and this model has learned positions for {config.MaxPositionEmbeddings}; lower MaxLength to {config.MaxPositionEmbeddings}, or leave the row out.");
    }

    private void Append(int[] tokens, int firstPosition, int count, int length, int sequences)
    {
        for (var i = 0; i < count; i++)
        {
            _tokens.Add(tokens[i]);
            _positions.Add(firstPosition + i);
            _lengths.Add(length);
            _sequencesOfRow.Add(sequences);
        }
    }

    // Nothing predicts the first token.
    private void AddPromptTargets(TokenGroup group, int promptStart)
    {
        if (group.PromptWeights is not { } weights) return;
        for (var i = 1; i < group.Prompt.Length; i++)
        {
            if (weights[i] != 0) AddTarget(promptStart + i - 1, group.Prompt[i], NoResponse, weights[i]);
        }
    }

    private void AddTargets(int[] response, int lastPromptRow, int start, float lmWeight)
    {
        var first = _targets.Count;
        for (var i = 0; i < response.Length; i++)
        {
            var row = i == 0 ? lastPromptRow : start + i - 1;
            if (row >= 0) AddTarget(row, response[i], ResponseCount, lmWeight); // nothing predicts the first token of all
        }
        _targetsOfResponse.Add(first.._targets.Count);
    }

    private void AddTarget(int row, int token, int owner, float lmWeight)
    {
        _scoredRows.Add(row);
        _targets.Add(token);
        _ownerOfTarget.Add(owner);
        _lmWeightOfTarget.Add(lmWeight);
    }

    private static Tensor Own(Tensor tensor) => tensor.DetachFromDisposeScope();
}
