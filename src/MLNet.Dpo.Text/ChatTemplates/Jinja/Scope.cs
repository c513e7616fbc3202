
namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>Variables, and the scope around them.</summary>
internal sealed class Scope(Scope? parent)
{
    private readonly Dictionary<string, object?> _variables = new(StringComparer.Ordinal);

    public void Set(string name, object? value) => _variables[name] = value;

    /// <summary>Looks in this scope, then in those around it; eight scopes passed are a step.</summary>
    public bool TryGet(string name, Budget budget, out object? value)
    {
        int passed = 0;
        for (var scope = this; scope is not null; scope = scope.Outer)
        {
            if (++passed % 8 == 0)
                budget.Step();
            if (scope._variables.TryGetValue(name, out value))
                return true;
        }
        value = null;
        return false;
    }

    private Scope? Outer => parent;
}
