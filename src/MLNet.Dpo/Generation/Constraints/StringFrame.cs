using MLNet.Dpo.Schemas;

namespace MLNet.Dpo.Generation.Constraints;

/// <summary>Where in a string's characters.</summary>
internal enum StringPart
{
    /// <summary>Between characters.</summary>
    Body,

    /// <summary>Behind a backslash.</summary>
    Escape,

    /// <summary>Before so many hexadecimal digits.</summary>
    Hex,

    /// <summary>In a character of several bytes, before so many of them.</summary>
    Bytes,
}

/// <summary>In a string, behind its quotation mark. Halves of surrogate pairs and control characters cannot be written.</summary>
/// <param name="Node">The string.</param>
/// <param name="Count">Characters that are there, as far as that matters.</param>
/// <param name="Part">Where in its characters.</param>
/// <param name="Rest">Digits or bytes that the character needs still.</param>
/// <param name="Bound">Of these the next one's range: see <see cref="InRange"/>.</param>
/// <param name="Parent">What comes behind the string.</param>
internal sealed record StringFrame(StringNode Node, int Count, StringPart Part, int Rest, byte Bound, Frame Parent) : Frame
{
    internal override int Depth => Parent.Depth;

    internal override int Least => Parent.Least + Part switch
    {
        StringPart.Body => Math.Max(0, Node.Min - Count) + 1,
        StringPart.Escape => Math.Max(0, Node.Min - Count - 1) + 2,
        _ => Math.Max(0, Node.Min - Count - 1) + Rest + 1,
    };

    internal override IEnumerable<Frame> Step(byte next) => Part switch
    {
        StringPart.Body => Body(next),
        StringPart.Escape => next == 'u' ? [this with { Part = StringPart.Hex, Rest = 4, Bound = 0 }] : "\"\\/bfnrt"u8.Contains(next) ? [Added] : [],
        StringPart.Hex => !char.IsAsciiHexDigit((char)next) || (Bound == 'd' && next > '7') ? [] : Shorter(Rest == 4 && next is (byte)'d' or (byte)'D' ? (byte)'d' : (byte)0),
        _ => InRange(next) ? Shorter(0) : [],
    };

    private Frame Added => this with { Part = StringPart.Body, Rest = 0, Bound = 0, Count = Node.Max is null ? Math.Min(Count + 1, Node.Min) : Count + 1 };

    private Frame[] Shorter(byte bound) => [Rest == 1 ? Added : this with { Rest = Rest - 1, Bound = bound }];

    private Frame[] Body(byte next)
    {
        if (next == '"') return Count >= Node.Min ? [Parent] : [];
        if (Count >= Node.Max) return [];
        return next switch
        {
            (byte)'\\' => [this with { Part = StringPart.Escape }],
            < 0x20 => [],
            < 0x80 => [Added],
            >= 0xC2 and <= 0xF4 => [this with { Part = StringPart.Bytes, Rest = next < 0xE0 ? 1 : next < 0xF0 ? 2 : 3, Bound = next }],
            _ => [],
        };
    }

    // The second byte's range depends on the first (overlong forms, surrogates, beyond U+10FFFF), that of the others does not.
    private bool InRange(byte next) => Bound switch
    {
        0xE0 => next is >= 0xA0 and <= 0xBF,
        0xED => next is >= 0x80 and <= 0x9F,
        0xF0 => next is >= 0x90 and <= 0xBF,
        0xF4 => next is >= 0x80 and <= 0x8F,
        _ => next is >= 0x80 and <= 0xBF,
    };
}
