using System.Collections.Concurrent;
using Microsoft.Extensions.AI;
using Microsoft.ML;
using MLNet.Dpo.ExtensionsAI;

namespace MLNet.Dpo;

/// <summary>
/// A language model that compares responses two by two, through any <see cref="IChatClient"/>. Each pair is asked in both orders; where the verdicts contradict each other, it is a tie, so
/// that a judge that goes by position orders nothing. A response's score is the share of the others that it beats, a tie counting one half.
/// </summary>
public sealed class ChatClientJudge
{
    private readonly IChatClient _client;
    private readonly JudgeOptions _options;
    private readonly VerdictCache _cache;
    private readonly SemaphoreSlim _calls;
    private readonly ConcurrentDictionary<string, Lazy<Task<Verdict>>> _running = new();
    private long _callCount;
    private long _cached;
    private long _malformed;
    private long _failed;
    private long _inputTokens;
    private long _outputTokens;
    private long _comparisons;
    private long _inconsistent;

    /// <summary>A judge.</summary>
    /// <param name="client">The chat client; the caller keeps and disposes it.</param>
    /// <param name="options">How to ask; the defaults when null. Later changes to them must not be made.</param>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    /// <exception cref="IOException">The cache cannot be read.</exception>
    public ChatClientJudge(IChatClient client, JudgeOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        _client = client;
        _options = options ?? new JudgeOptions();
        _options.Validate();
        _cache = new VerdictCache(_options.CachePath);
        _calls = new SemaphoreSlim(_options.MaxParallelCalls);
    }

    /// <summary>What the judge has cost so far.</summary>
    public JudgeUsage Usage => new(
        Interlocked.Read(ref _callCount), Interlocked.Read(ref _cached), Interlocked.Read(ref _malformed), Interlocked.Read(ref _failed),
        Interlocked.Read(ref _inputTokens), Interlocked.Read(ref _outputTokens), Interlocked.Read(ref _comparisons), Interlocked.Read(ref _inconsistent));

    /// <summary>Compares two answers, in both orders.</summary>
    /// <param name="prompt">The prompt, or a conversation's messages as JSON.</param>
    /// <param name="answerA">One answer.</param>
    /// <param name="answerB">The other.</param>
    /// <param name="cancellation">Stops between and within calls.</param>
    /// <returns>The better one, or a tie: equal texts, a tie in either order, or verdicts that contradict each other.</returns>
    /// <exception cref="JudgeException">The judge gives no verdict.</exception>
    public async Task<Verdict> CompareAsync(string prompt, string answerA, string answerB, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answerA);
        ArgumentNullException.ThrowIfNull(answerB);
        if (answerA == answerB) return Verdict.Tie;
        var asGiven = AskAsync(prompt, answerA, answerB, cancellation);
        var turnedRound = AskAsync(prompt, answerB, answerA, cancellation);
        var verdicts = await Task.WhenAll(asGiven, turnedRound).ConfigureAwait(false);
        Interlocked.Increment(ref _comparisons);
        var second = verdicts[1] switch { Verdict.A => Verdict.B, Verdict.B => Verdict.A, _ => Verdict.Tie };
        if (verdicts[0] == second) return second;
        Interlocked.Increment(ref _inconsistent);
        return Verdict.Tie;
    }

    /// <summary>Scores responses by comparing each with every other: K responses take K (K - 1) calls at most.</summary>
    /// <param name="prompt">The prompt, or a conversation's messages as JSON.</param>
    /// <param name="responses">The responses.</param>
    /// <param name="cancellation">Stops between and within calls.</param>
    /// <returns>For each the share of the others that it beats, 0 to 1, a tie counting one half; 0.5 where there is no other.</returns>
    /// <exception cref="JudgeException">The judge gives no verdict.</exception>
    public async Task<IReadOnlyList<float>> ScoreAsync(string prompt, IReadOnlyList<string> responses, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(responses);
        if (responses.Count < 2) return [.. responses.Select(_ => 0.5f)];
        var pairs = (from i in Enumerable.Range(0, responses.Count) from j in Enumerable.Range(i + 1, responses.Count - i - 1) select (First: i, Second: j)).ToList();
        var verdicts = await Task.WhenAll(pairs.Select(pair => CompareAsync(prompt, responses[pair.First], responses[pair.Second], cancellation))).ConfigureAwait(false);
        var wins = new float[responses.Count];
        foreach (var ((first, second), verdict) in pairs.Zip(verdicts))
        {
            wins[first] += verdict switch { Verdict.A => 1, Verdict.B => 0, _ => 0.5f };
            wins[second] += verdict switch { Verdict.B => 1, Verdict.A => 0, _ => 0.5f };
        }
        return [.. wins.Select(won => won / (responses.Count - 1))];
    }

    /// <summary>
    /// Asks for all comparisons of a view now, <see cref="JudgeOptions.MaxParallelCalls"/> at a time, so that the scorer of <see cref="AsScorer"/> finds them in the cache: a scorer alone asks row by row,
    /// as a cursor reads.
    /// </summary>
    /// <param name="ml">The context.</param>
    /// <param name="data">Rows with Prompt or Messages and Responses.</param>
    /// <param name="cancellation">Stops between and within calls; verdicts that have come are kept.</param>
    /// <returns>The data with a column Scores.</returns>
    /// <exception cref="JudgeException">The judge gives no verdict.</exception>
    public async Task<IDataView> ScoreAsync(MLContext ml, IDataView data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(ml);
        ArgumentNullException.ThrowIfNull(data);
        var rows = new List<(string Prompt, IReadOnlyList<string> Responses)>();
        var collector = ml.Preferences.Scorers.Custom("judge", (prompt, responses) =>
        {
            rows.Add((prompt, responses));
            return new float[responses.Count];
        }).Fit(data).Transform(data);
        Read(collector);
        var options = new ParallelOptions { MaxDegreeOfParallelism = _options.MaxParallelCalls, CancellationToken = cancellation };
        await Parallel.ForEachAsync(rows, options, async (row, token) => await ScoreAsync(row.Prompt, row.Responses, token).ConfigureAwait(false)).ConfigureAwait(false);
        return AsScorer(ml).Fit(data).Transform(data);
    }

    /// <summary>The judge as a scorer among others. It cannot be saved; its verdicts are, in <see cref="JudgeOptions.CachePath"/>.</summary>
    /// <param name="ml">The context.</param>
    /// <param name="outputColumnName">The column of scores.</param>
    /// <example><code>
    /// var judge = new ChatClientJudge(client, new JudgeOptions { Criterion = "Prefer the shorter answer.", CachePath = "verdicts.jsonl" });
    /// IDataView scored = await judge.ScoreAsync(ml, samples);
    /// ScorerAgreement agreement = ml.Preferences.Agreement(labels, judge.AsScorer(ml).Fit(labels));
    /// </code></example>
    public ScoringEstimator AsScorer(MLContext ml, string outputColumnName = ColumnNames.Scores)
    {
        ArgumentNullException.ThrowIfNull(ml);
        return ml.Preferences.Scorers.Custom("judge", (prompt, responses) => Task.Run(() => ScoreAsync(prompt, responses)).GetAwaiter().GetResult(), outputColumnName);
    }

    private static void Read(IDataView view)
    {
        var column = view.Schema[ColumnNames.Scores];
        using var cursor = view.GetRowCursor([column]);
        var getter = cursor.GetGetter<Microsoft.ML.Data.VBuffer<float>>(column);
        var scores = default(Microsoft.ML.Data.VBuffer<float>);
        while (cursor.MoveNext()) getter(ref scores);
    }

    /// <summary>
    /// Asks in this order alone: what <c>ml.Preferences.WinRateAsync</c> and <c>EvaluateAnswersAsync</c> take, who turn the order round themselves and count where the verdicts contradict each other.
    /// </summary>
    /// <param name="prompt">The prompt, or a conversation's messages as JSON.</param>
    /// <param name="answerA">The answer that is shown first.</param>
    /// <param name="answerB">The other.</param>
    /// <param name="cancellation">Stops between and within calls.</param>
    /// <exception cref="JudgeException">The judge gives no verdict.</exception>
    public async Task<Verdict> AskAsync(string prompt, string answerA, string answerB, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        ArgumentNullException.ThrowIfNull(answerA);
        ArgumentNullException.ThrowIfNull(answerB);
        // One question is asked once, though two rows ask it at the same time.
        var messages = JudgePrompt.Messages(_options, prompt, answerA, answerB);
        var key = VerdictCache.Key(_options.ModelId, messages);
        if (_cache.TryGet(key, out var known))
        {
            Interlocked.Increment(ref _cached);
            return known;
        }
        while (true)
        {
            var asking = _running.GetOrAdd(key, _ => new Lazy<Task<Verdict>>(() => CallAsync(key, messages, cancellation)));
            try
            {
                return await asking.Value.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                // Whoever asked first has given up; this one has not.
            }
            finally
            {
                _running.TryRemove(key, out _);
            }
        }
    }

    private async Task<Verdict> CallAsync(string key, List<ChatMessage> messages, CancellationToken cancellation)
    {
        await _calls.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            var (wait, lastReply) = (_options.RetryDelay, "");
            Exception? lastError = null;
            for (var attempt = 0; attempt <= _options.MaxRetries; attempt++)
            {
                try
                {
                    lastReply = await ReplyAsync(messages, cancellation).ConfigureAwait(false);
                    lastError = null;
                }
                catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
                {
                    Interlocked.Increment(ref _failed);
                    lastError = e;
                    if (attempt < _options.MaxRetries) await Task.Delay(wait, cancellation).ConfigureAwait(false);
                    wait *= 2;
                    continue;
                }
                if (JudgePrompt.Parse(lastReply) is { } verdict)
                {
                    _cache.Add(key, verdict);
                    return verdict;
                }
                Interlocked.Increment(ref _malformed);
            }
            throw NoVerdict(lastReply, lastError);
        }
        finally
        {
            _calls.Release();
        }
    }

    private async Task<string> ReplyAsync(List<ChatMessage> messages, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _callCount);
        var response = await _client.GetResponseAsync(messages, new ChatOptions { Temperature = 0, ModelId = _options.ModelId }, cancellation).ConfigureAwait(false);
        Interlocked.Add(ref _inputTokens, response.Usage?.InputTokenCount ?? 0);
        Interlocked.Add(ref _outputTokens, response.Usage?.OutputTokenCount ?? 0);
        return response.Text;
    }

    private JudgeException NoVerdict(string lastReply, Exception? lastError)
    {
        var reason = lastError is null
            ? $"the last reply was '{(lastReply.Length > 80 ? lastReply[..80] + "..." : lastReply).ReplaceLineEndings(" ")}', expected A, B or TIE alone; take a model that follows instructions, or show it examples"
            : $"the last call failed: {lastError.Message.ReplaceLineEndings(" ")}";
        return new JudgeException($"The judge gave no verdict in {_options.MaxRetries + 1} attempts: {reason}. Verdicts so far are kept{(_options.CachePath is null ? " in memory" : $" in '{_options.CachePath}'")}.", lastError);
    }
}
