using System.Text;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>A text under construction, whose every character is paid for before it is written.</summary>
internal sealed class PaidText(Budget budget)
{
    private readonly StringBuilder _text = new();
    private int _unpaid;

    public int Length => _text.Length;

    public PaidText Append(ReadOnlySpan<char> text)
    {
        Pay(text.Length);
        _text.Append(text);
        return this;
    }

    public PaidText Append(char c)
    {
        Pay(1);
        _text.Append(c);
        return this;
    }

    public override string ToString()
    {
        budget.Bytes(2L * _text.Length);
        return _text.ToString();
    }

    /// <summary>Small pieces are paid for together, so that none goes free.</summary>
    private void Pay(int length)
    {
        if (_text.Length + (long)length > Budget.MaxTextLength)
            throw new JinjaException($"a text is longer than {Budget.MaxTextLength} characters");
        _unpaid += length;
        if (_unpaid < 64)
            return;
        budget.Text(_unpaid);
        _unpaid = 0;
    }
}
