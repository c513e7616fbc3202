using MLNet.Dpo.Checks;

namespace MLNet.Dpo;

/// <summary>How answers are evaluated.</summary>
public sealed class AnswerEvaluationOptions
{
    /// <summary>How the answers are generated; the model's own settings when null. Default null.</summary>
    public GenerationOptions? Generation { get; set; }

    /// <summary>Decides the cases that need a judge (<see cref="ExpectedAnswer.Judged"/>), and must be given for these. It is asked in both orders. Default null.</summary>
    public PairJudge? Judge { get; set; }

    /// <summary>How many questions the judge is asked at a time; 1 or more. Default 4.</summary>
    public int MaxParallelCalls { get; set; } = 4;

    /// <summary>Stops between two tokens or calls. Default none.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>Checks the settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        Generation?.Validate();
        OptionCheck.AtLeast(MaxParallelCalls, 1, nameof(MaxParallelCalls));
    }
}
