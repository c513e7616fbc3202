using MLNet.Dpo.Generation.Constraints;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using static TorchSharp.torch;

namespace MLNet.Dpo.Generation;

/// <summary>A prompt to go on from.</summary>
/// <param name="Tokens">Its token ids, at least one.</param>
/// <param name="First">Number of its first completion among all that are asked for; with the seed it determines each one's random numbers.</param>
internal readonly record struct NumberedPrompt(int[] Tokens, int First);

/// <summary>A completion as tokens.</summary>
/// <param name="Ids">The new tokens, without the stop token.</param>
/// <param name="Reason">Why they end there.</param>
internal readonly record struct GeneratedTokens(int[] Ids, FinishReason Reason)
{
    /// <summary>The id that ended it; null where another reason did.</summary>
    internal int? StopId { get; init; }

    /// <summary>Of beam search: the log-probability over the length to the power of the length penalty; otherwise 0.</summary>
    internal double Score { get; init; }

    /// <summary>The chosen tokens with their log-probabilities, the stop token too; empty where these are not asked for.</summary>
    internal IReadOnlyList<ChosenToken> Logps { get; init; } = [];

    /// <summary>All that the model chose, the stop token too.</summary>
    internal int[] Chosen => StopId is { } stop ? [.. Ids, stop] : Ids;
}

/// <summary>Generates token ids for a batch of prompts with a key-value cache. A row's result does not depend on the rows beside it.</summary>
/// <param name="model">The model, in the adapter state to generate with.</param>
/// <param name="options">Sampling settings, validated.</param>
/// <param name="stopIds">Ids that end a completion.</param>
/// <param name="isComplete">Whether a completion ends with its last token, by what it says; null where nothing but ids ends one.</param>
/// <param name="constrain">Gives what holds a completion to a form; null for nothing.</param>
internal sealed class TokenGenerator(CausalLM model, GenerationOptions options, IEnumerable<int> stopIds, Func<IReadOnlyList<int>, bool>? isComplete = null, Func<JsonConstraint?>? constrain = null)
{
    private readonly int _seed = options.Seed ?? Random.Shared.Next();
    private readonly HashSet<int> _stops = Checked(stopIds, options, model.Config.VocabSize);

    /// <summary>Completions of one batch of prompts.</summary>
    /// <param name="prompts">The prompts.</param>
    /// <param name="samples">Completions of each prompt; the prompt itself runs once.</param>
    /// <param name="poll">Called before every token; it throws where the run shall stop.</param>
    /// <returns>For each prompt in turn its completions.</returns>
    /// <exception cref="ArgumentException">So many completions side by side need more memory than there is.</exception>
    internal IReadOnlyList<GeneratedTokens> Generate(IReadOnlyList<NumberedPrompt> prompts, int samples, Action poll)
    {
        poll();
        RequireMemory(options.NumBeams > 1 ? options.NumBeams : (long)prompts.Count * samples, prompts.Max(p => p.Tokens.Length));
        using var noGrad = no_grad();
        if (options.NumBeams > 1)
        {
            var search = new BeamSearch(model, options, _stops, isComplete);
            return [.. prompts.SelectMany(prompt => search.Search(prompt.Tokens, samples, poll))];
        }
        var sequences = prompts.SelectMany((prompt, i) => Enumerable.Range(0, samples).Select(sample =>
            new Sequence(prompt.Tokens, i, options, _stops, _seed, prompt.First + sample) { IsComplete = isComplete, Constraint = constrain?.Invoke() })).ToList();
        new SequenceBatch(model, poll).Run([.. prompts.Select(p => p.Tokens)], sequences);
        return [.. sequences.Select(s => s.Result)];
    }

    // Said before it is taken: what asks for too much is ended by the system, without a word.
    private void RequireMemory(long completions, int longest)
    {
        if (model.Device.type != TorchSharp.DeviceType.CPU) return;
        var (need, available) = (completions * KeyValueCache.BytesPerRow(model, longest), GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
        if (need > available)
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"BatchSize is {options.BatchSize} and NumBeams {options.NumBeams}: the keys and values of {completions} completions side by side, whose longest prompt has {longest} tokens, take {need / 1e9:0.#} GB, and this machine has {available / 1e9:0.#} GB; lower {(options.NumBeams > 1 ? nameof(options.NumBeams) : nameof(options.BatchSize))}."));
        }
    }

    /// <summary>The ids that end a completion.</summary>
    /// <exception cref="ArgumentException">The options name ids that the model does not have; its own are right or the model is damaged.</exception>
    internal static HashSet<int> Checked(IEnumerable<int> stopIds, GenerationOptions options, int vocabSize)
    {
        foreach (var id in options.StopTokenIds) InVocabulary(id, nameof(options.StopTokenIds));
        foreach (var id in options.LogitBias.Keys) InVocabulary(id, nameof(options.LogitBias));
        foreach (var id in options.BadWordsIds.SelectMany(word => word)) InVocabulary(id, nameof(options.BadWordsIds));
        foreach (var id in options.SuppressTokens) InVocabulary(id, nameof(options.SuppressTokens));
        foreach (var id in options.BeginSuppressTokens) InVocabulary(id, nameof(options.BeginSuppressTokens));
        if (options.ForcedEosTokenId is { } last) InVocabulary(last, nameof(options.ForcedEosTokenId));
        HashSet<int> stops = [.. stopIds, .. options.StopTokenIds];
        if (options.BadWordsIds.FirstOrDefault(word => word.Count == 1 && stops.Contains(word[0])) is { } end)
            throw new ArgumentException($"{nameof(options.BadWordsIds)} has {end[0]}, which ends a completion; leave it out (MinNewTokens puts the end off).");
        return stops;

        void InVocabulary(int id, string name)
        {
            if (id < 0 || id >= vocabSize) throw new ArgumentException($"{name} has {id}, but the model's vocabulary is 0 to {vocabSize - 1}; give ids of its tokenizer.");
        }
    }
}
