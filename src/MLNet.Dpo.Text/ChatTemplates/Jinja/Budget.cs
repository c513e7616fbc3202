using System.Runtime.CompilerServices;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>
/// What one rendering may cost, in steps of about a tenth of a microsecond (a node evaluated, an item visited, sixteen characters read or written, 64 bytes made), in bytes of values made, and in depth:
/// nested expressions, statements, macros and values are counted together. Keeps a hostile template from running forever and from exhausting memory or stack.
/// </summary>
internal sealed class Budget
{
    public const int MaxTextLength = 1 << 23;
    public const int MaxItems = 1_000_000;
    public const int MaxDepth = 1000;

    // What an entry of a conversation may cost: some hundred nodes for each message, and lists of messages copied in a loop.
    private const int StepsPerValue = 500;
    private const int BytesPerValue = 2000;

    private long _maxSteps = 2_000_000;
    private long _maxBytes = 64L << 20;
    private long _steps;
    private long _bytes;
    private int _depth;

    /// <summary>How much of its steps or bytes, whichever is nearer to its limit, the rendering has used: 0 to 1.</summary>
    public double Used => Math.Max((double)_steps / _maxSteps, (double)_bytes / _maxBytes);

    /// <summary>Raises the limits by what a value of the conversation needs, so that long conversations are not refused.</summary>
    /// <param name="length">The characters of a text; 0 for other values.</param>
    public void Grant(int length)
    {
        _maxSteps += StepsPerValue + 2L * length;
        _maxBytes += BytesPerValue + 16L * length;
    }

    public void Step(long count = 1)
    {
        _steps += count;
        if (_steps > _maxSteps)
            throw new JinjaException($"the template takes more than {_maxSteps} steps");
    }

    /// <summary>Pays for bytes that a value will take, and for the time that it takes to get and to clear them.</summary>
    public void Bytes(long count)
    {
        Step(count / 64);
        _bytes += count;
        if (_bytes > _maxBytes)
            throw new JinjaException($"the template's values take more than {_maxBytes >> 20} MiB");
    }

    /// <summary>Pays for reading through a text of so many characters.</summary>
    public void Read(long length) => Step(length / 16);

    /// <summary>Pays for a text of so many characters before it is made.</summary>
    public void Text(long length)
    {
        if (length > MaxTextLength)
            throw new JinjaException($"a text of {length} characters is longer than {MaxTextLength}");
        Read(length);
        Bytes(2 * length);
    }

    /// <summary>Pays for a list of so many items before it is made.</summary>
    /// <param name="count">The number of items.</param>
    /// <param name="bytes">What one takes: 8 where the items exist already.</param>
    public void Items(long count, int bytes = 8)
    {
        if (count > MaxItems)
            throw new JinjaException($"a list of {count} items is longer than {MaxItems}");
        Step(count);
        Bytes(bytes * count);
    }

    /// <summary>Pays for a number written as text or read from it, of so many characters: far more work than copying them.</summary>
    public void Number(int length) => Step(2 + length / 4);

    /// <summary>Pays for arithmetic on integers of so many bits, which takes the square of their length.</summary>
    public void Integer(long bits) => Step(bits * bits >> 16);

    /// <summary>Goes one level deeper; <see cref="Leave"/> comes back. No need to leave after a failure: it ends the rendering.</summary>
    public void Enter()
    {
        if (++_depth > MaxDepth)
            throw new JinjaException($"expressions, macros or values are nested deeper than {MaxDepth} levels");
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new JinjaException("expressions, macros or values are nested deeper than the thread's stack allows");
    }

    public void Leave() => _depth--;
}
