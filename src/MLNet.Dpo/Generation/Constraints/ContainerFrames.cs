using MLNet.Dpo.Schemas;

namespace MLNet.Dpo.Generation.Constraints;

/// <summary>Where in an array or object.</summary>
internal enum ContainerPart
{
    /// <summary>Behind its opening bracket.</summary>
    Open,

    /// <summary>Behind an item.</summary>
    After,

    /// <summary>Behind a comma.</summary>
    Next,
}

/// <summary>In an array, between items.</summary>
/// <param name="Node">The array.</param>
/// <param name="Count">Items that are there, as far as that matters.</param>
/// <param name="Part">Where in it.</param>
/// <param name="Spaces">White space that is there.</param>
/// <param name="Parent">What comes behind it.</param>
internal sealed record ArrayFrame(ArrayNode Node, int Count, ContainerPart Part, int Spaces, Frame Parent) : Frame
{
    internal override int Depth => Parent.Depth + 1;

    internal override int Least => Parent.Least + 1 + Part switch
    {
        ContainerPart.Open => Node.Min == 0 ? 0 : (Node.Min * (Node.Items.Least + 1)) - 1,
        ContainerPart.After => Missing * (Node.Items.Least + 1),
        _ => Node.Items.Least + (Math.Max(0, Missing - 1) * (Node.Items.Least + 1)),
    };

    private int Missing => Math.Max(0, Node.Min - Count);

    private bool MayGrow => !(Count >= Node.Max);

    internal override IEnumerable<Frame> Step(byte next)
    {
        if (Space(Spaces, next) is var spaces and >= 0) return [this with { Spaces = spaces }];
        if (next == ']') return Part != ContainerPart.Next && Missing == 0 ? [Parent] : [];
        if (Part == ContainerPart.After) return next == ',' && MayGrow ? [this with { Part = ContainerPart.Next, Spaces = 0 }] : [];
        var count = Node.Max is null ? Math.Min(Count + 1, Node.Min) : Count + 1;
        return MayGrow ? Begin(Node.Items, this with { Part = ContainerPart.After, Spaces = 0, Count = count }, next) : [];
    }
}

/// <summary>In an object, between properties.</summary>
/// <param name="Node">The object.</param>
/// <param name="Index">The first property that may still come.</param>
/// <param name="Part">Where in it.</param>
/// <param name="Spaces">White space that is there.</param>
/// <param name="Parent">What comes behind it.</param>
internal sealed record ObjectFrame(ObjectNode Node, int Index, ContainerPart Part, int Spaces, Frame Parent) : Frame
{
    private static readonly StringNode Name = new(0, null);
    private static readonly byte[] Colon = ":"u8.ToArray();

    internal override int Depth => Parent.Depth + 1;

    internal override int Least
    {
        get
        {
            var required = Node.Properties.Skip(Index).Where(property => property.IsRequired).Sum(property => property.Least + 1);
            return Parent.Least + 1 + Part switch
            {
                ContainerPart.After => required,
                _ when required > 0 => required - 1, // no comma before the first
                ContainerPart.Open => 0,
                _ => Node.Others is { } others ? 3 + others.Least : Node.Properties.Skip(Index).Min(property => property.Least),
            };
        }
    }

    private bool MayEnd => !Node.Properties.Skip(Index).Any(property => property.IsRequired);

    private bool MayGrow => Node.Others is not null || Index < Node.Properties.Count;

    internal override IEnumerable<Frame> Step(byte next)
    {
        if (Space(Spaces, next) is var spaces and >= 0) return [this with { Spaces = spaces }];
        if (next == '}') return Part != ContainerPart.Next && MayEnd ? [Parent] : [];
        if (Part == ContainerPart.After) return next == ',' && MayGrow ? [this with { Part = ContainerPart.Next, Spaces = 0 }] : [];
        return next == '"' ? Keys() : [];
    }

    // Behind a key's quotation mark: the properties up to the first that must come.
    private IEnumerable<Frame> Keys()
    {
        var after = this with { Part = ContainerPart.After, Spaces = 0 };
        if (Node.Others is { } others)
            yield return new StringFrame(Name, 0, StringPart.Body, 0, 0, new LiteralFrame(Colon, 0, new ValueFrame(others, true, after)));
        for (var i = Index; i < Node.Properties.Count; i++)
        {
            var property = Node.Properties[i];
            yield return new LiteralFrame(property.Key, 1, new ValueFrame(property.Value, true, after with { Index = i + 1 }));
            if (property.IsRequired) yield break;
        }
    }
}
