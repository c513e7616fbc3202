using Microsoft.ML;

namespace MLNet.Dpo;

/// <summary>A model among those that are compared: what <c>ml.Preferences.Candidate</c> makes. One that is a folder is loaded when its turn comes, and freed after it.</summary>
public sealed class ComparedModel
{
    private readonly Func<(ITransformer Model, IDisposable? Owned)> _load;

    internal ComparedModel(string name, Func<(ITransformer Model, IDisposable? Owned)> load, int? step = null)
    {
        if (string.IsNullOrWhiteSpace(name)) throw new ArgumentException("The model's name is blank; give one that tells it apart.", nameof(name));
        (Name, _load, Step) = (name, load, step);
    }

    /// <summary>What it is called in tables.</summary>
    public string Name { get; }

    /// <summary>The optimizer steps of a run's checkpoint; null for another model.</summary>
    internal int? Step { get; }

    /// <summary>Gives the model to something that needs it, and frees it then where it is not the caller's.</summary>
    internal T With<T>(Func<ITransformer, T> use)
    {
        var (model, owned) = _load();
        using (owned) return use(model);
    }

    /// <summary>The models, if there are some and their names tell them apart.</summary>
    internal static IReadOnlyList<ComparedModel> Checked(IEnumerable<ComparedModel> models)
    {
        var all = models.ToList();
        if (all.Count == 0) throw new ArgumentException("models is empty; give at least one model, checkpoint or run folder.", nameof(models));
        if (all.GroupBy(model => model.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
            throw new ArgumentException($"{twice.Count()} models are named '{twice.Key}'; give each a name of its own (ml.Preferences.Candidate).", nameof(models));
        return all;
    }
}
