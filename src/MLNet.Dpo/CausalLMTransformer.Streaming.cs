using System.Runtime.CompilerServices;
using MLNet.Dpo.Generation;

namespace MLNet.Dpo;

public sealed partial class CausalLMTransformer
{
    private readonly GenerationQueue _queue;

    /// <summary>A completion, part by part; with it those of other calls that wait at the same time.</summary>
    /// <param name="prompt">Token ids.</param>
    /// <param name="options">How to generate, validated; not changed any more.</param>
    /// <param name="adapter">The adapter that answers; null: the base alone.</param>
    /// <param name="callers">Stops between two tokens, beside the token of the options.</param>
    /// <param name="cancellation">The same, of who reads.</param>
    internal async IAsyncEnumerable<GeneratedPiece> Stream(int[] prompt, GenerationOptions options, string? adapter, CancellationToken callers, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        ThrowIfDisposed();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, callers, options.CancellationToken);
        stop.Token.ThrowIfCancellationRequested();
        if (!RowEngine.Fits(prompt, 1, _model.Network.Config, options))
        {
            yield return new GeneratedPiece("") { Reason = FinishReason.LongPrompt, PromptTokens = prompt.Length };
            yield break;
        }
        var stops = TokenGenerator.Checked(RowEngine.EndIds(_model.Network, ChatTokenizer), options, _model.Network.Config.VocabSize);
        var request = new GenerationRequest(prompt, options, stops, new CompletionText(ChatTokenizer, options.StopStrings), adapter);
        try
        {
            _queue.Add(request);
            await foreach (var piece in request.Pieces.ReadAllAsync(stop.Token).ConfigureAwait(false)) yield return piece;
        }
        finally
        {
            request.Abandon();
        }
    }

    // Who comes while another run has the model is taken along.
    private void Answer(string? adapter, Func<Func<int, int, bool>, IReadOnlyList<GenerationRequest>> take)
    {
        using var scope = UseAdapter(adapter);
        Run(
            new GenerationOptions(),
            CancellationToken.None,
            engine =>
            {
                var requests = take(engine.HasRoom);
                if (requests.Count > 0) engine.Answer(requests);
                return requests.Count;
            });
    }
}
