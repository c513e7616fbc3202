
namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>What one rendering may cost: a step is one node evaluated, or sixteen characters written anew. Keeps a hostile template from running forever.</summary>
internal sealed class Budget
{
    public const long MaxSteps = 10_000_000;
    public const int MaxTextLength = 1 << 24;
    public const int MaxItems = 1_000_000;
    public const int MaxDepth = 200;

    private long _steps;

    public void Step(long count = 1)
    {
        _steps += count;
        if (_steps > MaxSteps)
            throw new JinjaException($"the template takes more than {MaxSteps} steps");
    }

    /// <summary>Pays for a text of so many characters before it is made.</summary>
    public void Text(long length)
    {
        if (length > MaxTextLength)
            throw new JinjaException($"a text of {length} characters is longer than {MaxTextLength}");
        Step(length / 16);
    }

    /// <summary>Pays for a list of so many items before it is made.</summary>
    public void Items(long count)
    {
        if (count > MaxItems)
            throw new JinjaException($"a list of {count} items is longer than {MaxItems}");
        Step(count);
    }
}
