using MLNet.Dpo.Adapters;
using MLNet.Dpo.Saving;

namespace MLNet.Dpo;

public sealed partial class CausalLMTransformer
{
    private readonly NamedAdapters _adapters;

    /// <summary>The names of the model's adapters: <c>default</c>, the one that it was trained or loaded with, if there is one, then those that were added.</summary>
    public IReadOnlyList<string> AdapterNames
    {
        get
        {
            lock (_lock) return _adapters.Names;
        }
    }

    /// <summary>The adapter that runs here; null: the base alone. See <see cref="UseAdapter"/>.</summary>
    public string? ActiveAdapter => _adapters.Active;

    /// <summary>Loads a PEFT adapter of the same base beside those that the model has. It runs where <see cref="UseAdapter"/> says so.</summary>
    /// <param name="folder">adapter_config.json and adapter_model.safetensors.</param>
    /// <param name="name">What it is called from now on; any name that is not there yet.</param>
    /// <exception cref="ArgumentException">The model has an adapter of that name.</exception>
    /// <exception cref="InvalidDataException">The adapter is damaged, or another base's.</exception>
    /// <exception cref="NotSupportedException">The adapter is of a kind that is not supported; the message names the setting.</exception>
    public void LoadAdapter(string folder, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        lock (_lock)
        {
            ThrowIfDisposed();
            _adapters.Add(name, () => AdapterFolder.Read(_model.Network, folder));
        }
    }

    /// <summary>
    /// Runs an adapter until the scope is disposed: all that is computed, saved and exported within it, in this flow of control (this thread or async call, and what it starts), is the model with that adapter. Other flows are
    /// not touched, so that requests with different adapters can share one base. Data views are lazy: what counts is the scope in which their rows are read. The reference of an adapter that was added is the base.
    /// </summary>
    /// <param name="name">One of <see cref="AdapterNames"/>; null for the base alone.</param>
    /// <exception cref="ArgumentException">There is no adapter of that name.</exception>
    /// <example><code>
    /// model.LoadAdapter("adapters/polite", "polite");
    /// using (model.UseAdapter("polite")) Console.WriteLine(chat.Predict(new ChatPrompt { Prompt = "hi!" }).Completion);
    /// </code></example>
    public IDisposable UseAdapter(string? name)
    {
        lock (_lock)
        {
            ThrowIfDisposed();
            return _adapters.Use(name);
        }
    }

    /// <summary>Removes an adapter that was added, and frees its memory.</summary>
    /// <param name="name">One of <see cref="AdapterNames"/> but <c>default</c>.</param>
    /// <exception cref="ArgumentException">There is no such adapter, or it is the model's own.</exception>
    /// <exception cref="InvalidOperationException">It is in use here.</exception>
    public void DeleteAdapter(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        lock (_lock)
        {
            ThrowIfDisposed();
            _adapters.Delete(name);
        }
    }

    /// <summary>Makes a new adapter of several, each times a weight, as PEFT's <c>add_weighted_adapter</c>.</summary>
    /// <param name="weights">Names of adapters and their weights; below 0 takes an adapter's effect off.</param>
    /// <param name="name">What the new one is called.</param>
    /// <param name="combination">How they are combined.</param>
    /// <exception cref="ArgumentException">A name is not there, or the new one is; a weight is no finite number; the ranks differ where <see cref="AdapterCombination.Linear"/> needs them equal.</exception>
    /// <exception cref="NotSupportedException">An adapter is DoRA, or has modules or biases that were trained whole.</exception>
    public void AddWeightedAdapter(IReadOnlyDictionary<string, double> weights, string name, AdapterCombination combination = AdapterCombination.Linear)
    {
        ArgumentNullException.ThrowIfNull(weights);
        if (weights.Count == 0) throw new ArgumentException("weights is empty; give at least one adapter.", nameof(weights));
        foreach (var (adapter, weight) in weights) Checks.OptionCheck.Finite(weight, $"weights['{adapter}']");
        Checks.OptionCheck.Defined(combination, nameof(combination));
        lock (_lock)
        {
            ThrowIfDisposed();
            _adapters.Add(name, () => WeightedAdapters.Combine(_adapters.Of(weights), combination));
        }
    }
}
