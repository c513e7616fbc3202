using System.Numerics;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>The functions that every template can call.</summary>
internal static class Globals
{
    /// <summary>The longest <c>range()</c>, as Jinja's sandbox has it.</summary>
    private const int MaxRange = 100_000;

    public static object? Find(string name, TimeProvider time, Budget budget) => name switch
    {
        "raise_exception" => new Callable(name, arguments => throw new ChatTemplateException(PythonRepr.Text(arguments.Required(0, "message"), budget))),
        "namespace" => new Callable(name, arguments => Namespace(arguments, budget)),
        "dict" => new Callable(name, arguments => Dict(arguments, budget)),
        "range" => new Callable(name, arguments => Range(arguments, budget)),
        "joiner" => new Callable(name, Joiner),
        "strftime_now" => new Callable(name, arguments => Strftime.Format(time.GetLocalNow(), arguments.Text(0, "format"), budget)),
        _ => Missing(name, budget),
    };

    private static Undefined Missing(string name, Budget budget)
    {
        budget.Text(name.Length);
        return new Undefined($"'{name}' is undefined");
    }

    private static NamespaceValue Namespace(CallArguments arguments, Budget budget)
    {
        var space = new NamespaceValue();
        foreach (var (key, value) in Dict(arguments, budget).Entries)
            space.Attributes[PythonRepr.Text(key, budget)] = value;
        return space;
    }

    private static MappingValue Dict(CallArguments arguments, Budget budget)
    {
        budget.Bytes(200 + arguments.Named.Count * MappingValue.EntryBytes);
        var mapping = new MappingValue();
        if (arguments.Positional.Count > 0)
        {
            var entries = arguments.Positional[0] is MappingValue source ? MappingMethods.Items(source, budget) : ValueOperations.Items(arguments.Positional[0], budget);
            budget.Items(entries.Count, MappingValue.EntryBytes);
            foreach (object? entry in entries)
            {
                var pair = ValueOperations.Items(entry, budget);
                if (pair.Count != 2)
                    throw new JinjaException("dict() needs pairs of a key and a value");
                mapping.Set(pair[0], pair[1], budget);
            }
        }
        foreach (var (name, value) in arguments.Named)
            mapping.Set(name, value, budget);
        return mapping;
    }

    /// <summary>A function that gives nothing at its first call and the separator at all others.</summary>
    private static Callable Joiner(CallArguments arguments)
    {
        string separator = arguments.TryGet(0, "sep", out _) ? arguments.Text(0, "sep") : ", ";
        bool used = false;
        return new Callable("joiner", _ =>
        {
            string text = used ? separator : "";
            used = true;
            return text;
        });
    }

    private static ListValue Range(CallArguments arguments, Budget budget)
    {
        int first = arguments.Integer(0, "start", 0);
        bool hasStop = arguments.Positional.Count > 1;
        long start = hasStop ? first : 0, stop = hasStop ? arguments.Integer(1, "stop", 0) : first, step = arguments.Integer(2, "step", 1);
        if (arguments.Positional.Count == 0 || step == 0)
            throw new JinjaException("range() needs one to three integers, the step not zero");
        long count = step > 0 ? (stop - start + step - 1) / step : (start - stop - step - 1) / -step;
        if (count > MaxRange)
            throw new JinjaException($"range() of {count} numbers is longer than {MaxRange}");
        budget.Items(Math.Max(0, count), bytes: 40);
        var items = new List<object?>();
        for (long i = 0; i < count; i++)
            items.Add(new BigInteger(start + i * step));
        return new ListValue(items);
    }
}
