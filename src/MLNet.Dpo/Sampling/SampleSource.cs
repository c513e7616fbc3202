namespace MLNet.Dpo;

/// <summary>
/// Something that answers prompts: a model with its settings (<c>ml.Preferences.Source</c>), or a service (MLNet.Dpo.Extensions.AI has one over any <c>IChatClient</c>).
/// Its name tells its answers apart from others'.
/// </summary>
public abstract class SampleSource
{
    /// <summary>A source.</summary>
    /// <param name="name">What its answers are said to come from.</param>
    /// <exception cref="ArgumentException">The name is blank.</exception>
    protected SampleSource(string name)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("The source's name is blank; give one that tells its answers apart, such as the model and the temperature.", nameof(name));
        Name = name;
    }

    /// <summary>The name, in the column Sources and under the file's key <c>source</c>.</summary>
    public string Name { get; }

    /// <summary>What decides about the answers besides prompt and seed, as text: a file that was begun with other settings is not gone on with.</summary>
    public abstract string Settings { get; }

    /// <summary>Answers what is missing.</summary>
    /// <param name="request">The prompts, and which of their answers are missing.</param>
    /// <param name="answered">Takes each answer as it comes, from any thread, in any order; when it returns, the answer is kept.</param>
    /// <param name="cancellation">Stops soon; what was answered until then is kept.</param>
    /// <returns>A task that ends when nothing is missing.</returns>
    public abstract Task AnswerAsync(SampleRequest request, Action<SampledAnswer> answered, CancellationToken cancellation);
}

/// <summary>A prompt to answer. Prompt or Messages is filled, as in the columns of these names.</summary>
/// <param name="Prompt">One user turn of plain text; empty where the prompt is a conversation.</param>
/// <param name="Messages">The conversation as a JSON array of messages; empty where the prompt is one user turn.</param>
public sealed record SamplePrompt(string Prompt, string Messages);

/// <summary>What a source is asked for.</summary>
/// <param name="Prompts">All prompts of the sampling, in order.</param>
/// <param name="SamplesPerPrompt">Answers of each prompt.</param>
/// <param name="Seed">Seeds random numbers; with prompt and sample it determines those of an answer.</param>
/// <param name="IsMissing">Whether an answer is missing, by prompt and sample, both from 0.</param>
public sealed record SampleRequest(IReadOnlyList<SamplePrompt> Prompts, int SamplesPerPrompt, int Seed, Func<int, int, bool> IsMissing);

/// <summary>An answer.</summary>
/// <param name="Prompt">The prompt's index in the request.</param>
/// <param name="Sample">The answer's number among those of the prompt, from 0.</param>
/// <param name="Response">What was said.</param>
public sealed record SampledAnswer(int Prompt, int Sample, string Response);
