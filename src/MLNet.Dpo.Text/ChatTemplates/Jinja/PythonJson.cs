using System.Numerics;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Python's <c>json.dumps</c>, as transformers' <c>tojson</c> calls it: nothing HTML-escaped, non-ASCII kept unless asked otherwise.</summary>
internal sealed class PythonJson(string? indent, bool ensureAscii, bool sortKeys, string itemSeparator, string keySeparator, Budget budget)
{
    private readonly PaidText _output = new(budget);

    public string Write(object? value)
    {
        Write(value, 0);
        return _output.ToString();
    }

    private void Write(object? value, int depth)
    {
        budget.Step();
        budget.Enter();
        switch (value)
        {
            case null: _output.Append("null"); break;
            case bool flag: _output.Append(flag ? "true" : "false"); break;
            case BigInteger integer: _output.Append(PythonRepr.Integer(integer, budget)); break;
            case double number: _output.Append(Number(number)); break;
            case string text: Quote(text); break;
            case ListValue list: WriteList(list, depth); break;
            case MappingValue mapping: WriteMapping(mapping, depth); break;
            case Undefined undefined: throw new JinjaException(undefined.Message);
            default: throw new JinjaException($"{ValueOperations.TypeName(value)} cannot be written as JSON");
        }
        budget.Leave();
    }

    private string Number(double number) =>
        double.IsNaN(number) ? "NaN" : double.IsInfinity(number) ? number > 0 ? "Infinity" : "-Infinity" : PythonRepr.Float(number, budget);

    private void WriteList(ListValue list, int depth)
    {
        _output.Append('[');
        for (int i = 0; i < list.Count; i++)
        {
            Separate(i == 0, depth + 1);
            Write(list[i], depth + 1);
        }
        Close(list.Count, depth, ']');
    }

    private void WriteMapping(MappingValue mapping, int depth)
    {
        _output.Append('{');
        budget.Items(mapping.Count * (sortKeys ? 16 : 1));
        var entries = mapping.Entries.Select(entry => (Key: KeyText(entry.Key), entry.Value));
        bool first = true;
        foreach (var (key, value) in sortKeys ? entries.OrderBy(entry => entry.Key, StringComparer.Ordinal) : entries)
        {
            Separate(first, depth + 1);
            first = false;
            Quote(key);
            _output.Append(keySeparator);
            Write(value, depth + 1);
        }
        Close(mapping.Count, depth, '}');
    }

    private string KeyText(object? key) => key switch
    {
        string text => text,
        null => "null",
        bool flag => flag ? "true" : "false",
        _ => PythonRepr.Text(key, budget),
    };

    private void Separate(bool first, int depth)
    {
        if (!first)
            _output.Append(itemSeparator);
        NewLine(depth);
    }

    private void Close(int count, int depth, char bracket)
    {
        if (count > 0)
            NewLine(depth);
        _output.Append(bracket);
    }

    private void NewLine(int depth)
    {
        if (indent is null)
            return;
        _output.Append('\n');
        for (int i = 0; i < depth; i++)
            _output.Append(indent);
    }

    private void Quote(string text)
    {
        _output.Append('"');
        foreach (char c in text)
        {
            int simple = "\"\\\b\t\n\f\r".IndexOf(c);
            if (simple >= 0)
                _output.Append('\\').Append("\"\\btnfr"[simple]);
            else if (c < ' ' || ensureAscii && c > '~')
                _output.Append($"\\u{(int)c:x4}");
            else
                _output.Append(c);
        }
        _output.Append('"');
    }
}
