using MLNet.Dpo.Generation;

namespace MLNet.Dpo.Tests.Generation;

/// <summary>What a generator says, by its ids alone.</summary>
internal static class GeneratedIds
{
    internal static IReadOnlyList<int[]> Ids(this TokenGenerator generator, IReadOnlyList<int[]> prompts, int samples = 1, int firstRow = 0, CancellationToken cancellation = default) =>
        [.. generator.Completions(prompts, samples, firstRow, cancellation).Select(completion => completion.Ids)];

    internal static IReadOnlyList<GeneratedTokens> Completions(this TokenGenerator generator, IReadOnlyList<int[]> prompts, int samples = 1, int firstRow = 0, CancellationToken cancellation = default) =>
        generator.Generate([.. prompts.Select((prompt, i) => new NumberedPrompt(prompt, firstRow + (i * samples)))], samples, cancellation.ThrowIfCancellationRequested);
}
