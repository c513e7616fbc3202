using MLNet.Dpo.Schemas;

namespace MLNet.Dpo.Generation.Constraints;

/// <summary>Where in a number.</summary>
internal enum NumberPart
{
    /// <summary>Before it.</summary>
    Start,

    /// <summary>Behind its minus.</summary>
    Minus,

    /// <summary>Behind a leading 0.</summary>
    Zero,

    /// <summary>In the digits before the point.</summary>
    Digits,

    /// <summary>Behind the point.</summary>
    Point,

    /// <summary>In the digits behind the point.</summary>
    Fraction,

    /// <summary>Behind the e.</summary>
    Exponent,

    /// <summary>Behind the exponent's sign.</summary>
    Sign,

    /// <summary>In the exponent's digits.</summary>
    Power,
}

/// <summary>In a number, which ends where something else begins. It has no more digits than a double holds exactly, and its exponent two.</summary>
/// <param name="Node">The number.</param>
/// <param name="Part">Where in it.</param>
/// <param name="Count">Digits of this part.</param>
/// <param name="Parent">What comes behind it.</param>
internal sealed record NumberFrame(NumberNode Node, NumberPart Part, int Count, Frame Parent) : Frame
{
    internal override int Depth => Parent.Depth;

    private const int MostDigits = 15, MostPower = 2;

    internal override int Least => Parent.Least + (MayEnd ? 0 : 1);

    internal override bool IsWhole => MayEnd && Parent.IsWhole;

    private bool MayEnd => Part is NumberPart.Zero or NumberPart.Digits or NumberPart.Fraction or NumberPart.Power;

    internal override IEnumerable<Frame> Step(byte next)
    {
        if (After(next) is { } part)
        {
            var count = part == Part ? Count + 1 : 1;
            return count > (part == NumberPart.Power ? MostPower : MostDigits) ? [] : [this with { Part = part, Count = count }];
        }
        return MayEnd ? Parent.Step(next) : [];
    }

    private NumberPart? After(byte next) => (Part, (char)next) switch
    {
        (NumberPart.Start, '-') => NumberPart.Minus,
        (NumberPart.Start or NumberPart.Minus, '0') => NumberPart.Zero,
        (NumberPart.Start or NumberPart.Minus, >= '1' and <= '9') => NumberPart.Digits,
        (NumberPart.Digits, >= '0' and <= '9') => NumberPart.Digits,
        (NumberPart.Zero or NumberPart.Digits, '.') when !Node.IsInteger => NumberPart.Point,
        (NumberPart.Point or NumberPart.Fraction, >= '0' and <= '9') => NumberPart.Fraction,
        (NumberPart.Zero or NumberPart.Digits or NumberPart.Fraction, 'e' or 'E') when !Node.IsInteger => NumberPart.Exponent,
        (NumberPart.Exponent, '+' or '-') => NumberPart.Sign,
        (NumberPart.Exponent or NumberPart.Sign or NumberPart.Power, >= '0' and <= '9') => NumberPart.Power,
        _ => null,
    };
}
