using System.Threading.Channels;
using MLNet.Dpo.Generation.Constraints;

namespace MLNet.Dpo.Generation;

/// <summary>A prompt whose completion is read while it grows.</summary>
/// <param name="prompt">Token ids.</param>
/// <param name="options">How to generate, validated.</param>
/// <param name="stops">Ids that end it.</param>
/// <param name="text">Takes the tokens.</param>
/// <param name="adapter">The adapter that answers; null: the base alone.</param>
internal sealed class GenerationRequest(int[] prompt, GenerationOptions options, IReadOnlySet<int> stops, CompletionText text, string? adapter)
{
    // A reader who is slow holds up nobody else.
    private readonly Channel<GeneratedPiece> _pieces = Channel.CreateUnbounded<GeneratedPiece>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    private volatile bool _isAbandoned;
    private int _told;

    internal int[] Prompt { get; } = prompt;

    internal GenerationOptions Options { get; } = options;

    internal string? Adapter { get; } = adapter;

    /// <summary>The parts, to be read by one.</summary>
    internal ChannelReader<GeneratedPiece> Pieces => _pieces.Reader;

    /// <summary>Whether nobody reads any more.</summary>
    internal bool IsAbandoned => _isAbandoned;

    /// <summary>Ends the completion where it is.</summary>
    internal void Abandon() => _isAbandoned = true;

    /// <summary>Tells the reader what went wrong.</summary>
    internal void Fail(Exception error) => _pieces.Writer.TryComplete(error);

    /// <summary>The completion, in its place in a batch.</summary>
    /// <param name="index">The prompt's place.</param>
    /// <param name="named">Gives a token's text.</param>
    /// <param name="constraint">Holds it to a form; null for none.</param>
    internal Sequence Begin(int index, Func<ChosenToken, TokenLogp> named, JsonConstraint? constraint) =>
        new(Prompt, index, Options, stops, Options.Seed ?? Random.Shared.Next(), first: 0)
        {
            Constraint = constraint,
            IsComplete = ids => text.Add(ids[^1]),
            Grown = sequence => Tell(sequence, named),
            IsAbandoned = () => _isAbandoned,
            Failed = Fail,
        };

    private void Tell(Sequence sequence, Func<ChosenToken, TokenLogp> named)
    {
        var piece = sequence.Done ? text.TakeRest() : text.Take();
        if (piece.Length == 0 && !sequence.Done) return;
        _pieces.Writer.TryWrite(new GeneratedPiece(piece)
        {
            Reason = sequence.Reason,
            TokenLogps = [.. sequence.Logps.Skip(_told).Select(named)],
            PromptTokens = Prompt.Length,
            CompletionTokens = sequence.Tokens.Count + (sequence.StopId is null ? 0 : 1),
        });
        _told = sequence.Logps.Count;
        if (sequence.Done) _pieces.Writer.TryComplete();
    }
}
