using MLNet.Dpo.Schemas;

namespace MLNet.Dpo.Generation.Constraints;

/// <summary>A place in a JSON document, byte by byte: inside of what, and where that goes on when it is whole. Equal places are equal frames.</summary>
internal abstract record Frame
{
    /// <summary>What readers of JSON take as a rule.</summary>
    private const int MostDepth = 60;

    /// <summary>The fewest bytes until the document is whole.</summary>
    internal abstract int Least { get; }

    /// <summary>Whether the document is whole.</summary>
    internal virtual bool IsWhole => false;

    /// <summary>How many arrays and objects it is in.</summary>
    internal abstract int Depth { get; }

    /// <summary>The places that the next byte leads to; none where it must not come.</summary>
    internal abstract IEnumerable<Frame> Step(byte next);

    /// <summary>The places after a value's first byte.</summary>
    protected static IEnumerable<Frame> Begin(SchemaNode node, Frame parent, byte first) => node switch
    {
        LiteralNode literal => new LiteralFrame(literal.Text, 0, parent).Step(first),
        StringNode text when first == '"' => [new StringFrame(text, 0, StringPart.Body, 0, 0, parent)],
        NumberNode number => new NumberFrame(number, NumberPart.Start, 0, parent).Step(first),
        ArrayNode array when first == '[' && parent.Depth < MostDepth => [new ArrayFrame(array, 0, ContainerPart.Open, 0, parent)],
        ObjectNode @object when first == '{' && parent.Depth < MostDepth => [new ObjectFrame(@object, 0, ContainerPart.Open, 0, parent)],
        UnionNode union => union.Choices.SelectMany(choice => Begin(choice, parent, first)),
        _ => [],
    };

    /// <summary>White space of a container: one space, or a new line with at most 20 spaces; as numbers, 0 for none yet. -1 where the byte is none that may come.</summary>
    protected static int Space(int before, byte next) => (before, next) switch
    {
        (0, (byte)' ') => 1,
        (0, (byte)'\n') => 2,
        ( >= 2 and < 22, (byte)' ') => before + 1,
        _ => -1,
    };
}

/// <summary>The document's end.</summary>
internal sealed record EndFrame : Frame
{
    internal override int Depth => 0;

    internal override int Least => 0;

    internal override bool IsWhole => true;

    internal override IEnumerable<Frame> Step(byte next) => [];
}

/// <summary>Before a value, where a space may stand.</summary>
/// <param name="Node">What the value is.</param>
/// <param name="MaySpace">Whether the space may still come.</param>
/// <param name="Parent">What the value is in.</param>
internal sealed record ValueFrame(SchemaNode Node, bool MaySpace, Frame Parent) : Frame
{
    internal override int Depth => Parent.Depth;

    internal override int Least => Node.Least + Parent.Least;

    internal override IEnumerable<Frame> Step(byte next) => MaySpace && next == ' ' ? [this with { MaySpace = false }] : Begin(Node, Parent, next);
}

/// <summary>In a text of which every byte is known.</summary>
/// <param name="Text">The text, compared by reference.</param>
/// <param name="At">How many bytes are there.</param>
/// <param name="Parent">What comes then.</param>
internal sealed record LiteralFrame(byte[] Text, int At, Frame Parent) : Frame
{
    internal override int Depth => Parent.Depth;

    internal override int Least => Text.Length - At + Parent.Least;

    internal override IEnumerable<Frame> Step(byte next) => Text[At] != next ? [] : At + 1 == Text.Length ? [Parent] : [this with { At = At + 1 }];
}
