using Microsoft.ML;
using MLNet.Dpo.Checks;
using MLNet.Dpo.Saving;

namespace MLNet.Dpo.Labeling.Rules;

/// <summary>How short or long a response is, or how near to a length.</summary>
internal sealed class LengthScorer : TextScorer
{
    private readonly LengthGoal? _goal;
    private readonly int _target;
    private readonly LengthUnit _unit;
    private readonly HuggingFaceTokenizer? _tokenizer;

    private LengthScorer(LengthGoal? goal, int target, LengthUnit unit, HuggingFaceTokenizer? tokenizer)
    {
        OptionCheck.Defined(unit, nameof(unit));
        if (unit == LengthUnit.Tokens && tokenizer is null) throw new ArgumentException("unit is Tokens, but tokenizer is null; give the tokenizer that counts them, HuggingFaceTokenizer.Load(folder).");
        if (unit != LengthUnit.Tokens && tokenizer is not null) throw new ArgumentException($"tokenizer is given, but unit is {unit}; set it to LengthUnit.Tokens, or leave tokenizer null.");
        (_goal, _target, _unit, _tokenizer) = (goal, target, unit, tokenizer);
    }

    internal override string Description => $"Length({(_goal is { } goal ? goal.ToString() : $"target {_target}")}, {_unit})";

    internal static LengthScorer Towards(LengthGoal goal, LengthUnit unit, HuggingFaceTokenizer? tokenizer) => Enum.IsDefined(goal)
        ? new LengthScorer(goal, 0, unit, tokenizer)
        : throw new ArgumentException($"goal is {goal}; allowed: {string.Join(", ", Enum.GetNames<LengthGoal>())}.");

    internal static LengthScorer Near(int target, LengthUnit unit, HuggingFaceTokenizer? tokenizer) => new(null, target, unit, tokenizer);

    internal override float Score(string prompt, string response)
    {
        var length = _unit switch
        {
            LengthUnit.Words => TextLength.Words(response),
            LengthUnit.Tokens => _tokenizer!.CountTokens(response),
            _ => TextLength.Characters(response),
        };
        return _goal switch
        {
            LengthGoal.Shorter => -length,
            LengthGoal.Longer => length,
            _ => -Math.Abs(length - _target),
        };
    }

    internal override void Save(ModelSaveContext ctx)
    {
        ctx.Writer.Write(_goal is { } goal ? (int)goal : -1);
        ctx.Writer.Write(_target);
        ctx.Writer.Write((int)_unit);
        if (_tokenizer is not null) TokenizerStreams.Save(ctx, _tokenizer.Files);
    }

    internal static LengthScorer Load(ModelLoadContext ctx)
    {
        var (goal, target, unit) = (ctx.Reader.ReadInt32(), ctx.Reader.ReadInt32(), (LengthUnit)ctx.Reader.ReadInt32());
        return new LengthScorer(goal < 0 ? null : (LengthGoal)goal, target, unit, unit == LengthUnit.Tokens ? HuggingFaceTokenizer.Load(TokenizerStreams.Load(ctx)) : null);
    }
}
