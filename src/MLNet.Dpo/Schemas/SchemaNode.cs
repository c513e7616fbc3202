namespace MLNet.Dpo.Schemas;

/// <summary>What a document may have in one place.</summary>
internal abstract class SchemaNode
{
    /// <summary>The fewest bytes that it can be written in.</summary>
    internal abstract int Least { get; }
}

/// <summary>One text alone: <c>true</c>, a value of an enum.</summary>
/// <param name="text">JSON in UTF-8.</param>
internal sealed class LiteralNode(byte[] text) : SchemaNode
{
    internal byte[] Text { get; } = text;

    internal override int Least => Text.Length;
}

/// <summary>A string.</summary>
/// <param name="min">The fewest characters.</param>
/// <param name="max">The most; null for no limit.</param>
internal sealed class StringNode(int min, int? max) : SchemaNode
{
    internal int Min { get; } = min;

    internal int? Max { get; } = max;

    internal override int Least => Math.Max(2, (int)Math.Min(Min + 2L, int.MaxValue));
}

/// <summary>A number.</summary>
/// <param name="isInteger">Whether it has neither fraction nor exponent.</param>
internal sealed class NumberNode(bool isInteger) : SchemaNode
{
    internal bool IsInteger { get; } = isInteger;

    internal override int Least => 1;
}

/// <summary>An array.</summary>
/// <param name="items">What each item is.</param>
/// <param name="min">The fewest items.</param>
/// <param name="max">The most; null for no limit.</param>
internal sealed class ArrayNode(SchemaNode items, int min, int? max) : SchemaNode
{
    internal SchemaNode Items { get; } = items;

    internal int Min { get; } = min;

    internal int? Max { get; } = max;

    internal override int Least => Min <= 0 ? 2 : (int)Math.Min(((long)Min * (Items.Least + 1)) + 1, int.MaxValue);
}

/// <summary>An object: the properties in this order, or any names.</summary>
/// <param name="properties">The properties.</param>
/// <param name="others">What the values of any names are; null where only the properties are written.</param>
internal sealed class ObjectNode(IReadOnlyList<PropertyNode> properties, SchemaNode? others) : SchemaNode
{
    internal IReadOnlyList<PropertyNode> Properties { get; } = properties;

    internal SchemaNode? Others { get; } = others;

    internal override int Least { get; } = properties.Where(property => property.IsRequired).Aggregate(1, (sum, property) => sum + property.Least + 1) + (properties.Any(property => property.IsRequired) ? 0 : 1);
}

/// <summary>A property.</summary>
/// <param name="Key">Its name with quotes and colon, as JSON in UTF-8.</param>
/// <param name="Value">What its value is.</param>
/// <param name="IsRequired">Whether it must be there.</param>
internal sealed record PropertyNode(byte[] Key, SchemaNode Value, bool IsRequired)
{
    internal int Least => Key.Length + Value.Least;
}

/// <summary>One of several.</summary>
internal sealed class UnionNode : SchemaNode
{
    /// <summary>Any value at all.</summary>
    internal static UnionNode Any { get; } = MakeAny();

    /// <summary>What it may be, at least one.</summary>
    internal IReadOnlyList<SchemaNode> Choices { get; private set; } = [];

    internal override int Least => this == Any ? 1 : Choices.Min(choice => choice.Least);

    /// <summary>One of these.</summary>
    internal static UnionNode Of(IReadOnlyList<SchemaNode> choices) => new() { Choices = choices };

    private static UnionNode MakeAny()
    {
        var any = new UnionNode();
        any.Choices = [new StringNode(0, null), new NumberNode(false), new ObjectNode([], any), new ArrayNode(any, 0, null), new LiteralNode("true"u8.ToArray()), new LiteralNode("false"u8.ToArray()), new LiteralNode("null"u8.ToArray())];
        return any;
    }
}
