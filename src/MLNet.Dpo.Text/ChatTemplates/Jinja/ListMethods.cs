using System.Numerics;

namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>The methods of lists and tuples; those that change one are refused.</summary>
internal static class ListMethods
{
    public static Callable? Find(ListValue list, string name, Budget budget) => name switch
    {
        "count" => new(name, arguments => new BigInteger(list.Count(item => ValueOperations.AreEqual(item, arguments.Required(0, "value"), budget)))),
        "index" => new(name, arguments => IndexOf(list, arguments.Required(0, "value"), budget)),
        "copy" when !list.IsTuple => new(name, _ => list),
        "append" or "clear" or "extend" or "insert" or "pop" or "remove" or "reverse" or "sort" when !list.IsTuple
            => new(name, _ => throw new JinjaException($"a template may not change a list by {name}()")),
        _ => null,
    };

    private static object IndexOf(ListValue list, object? value, Budget budget)
    {
        for (int i = 0; i < list.Count; i++)
        {
            if (ValueOperations.AreEqual(list[i], value, budget))
                return new BigInteger(i);
        }
        throw new JinjaException($"{PythonRepr.Repr(value, budget)} is not in the list");
    }
}
