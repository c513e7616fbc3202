namespace MLNet.Dpo.Text.ChatTemplates;

/// <summary>The chat templates of a model folder by name, and which of them counts, as transformers has it: files beside tokenizer_config.json replace those in it. Immutable.</summary>
internal sealed class ChatTemplateSet
{
    public const string Default = "default";
    private const string WithTools = "tool_use";
    private readonly Dictionary<string, Lazy<ChatTemplate>> _templates;

    private readonly string _origin;

    /// <summary>Templates by name; they are parsed at their first use.</summary>
    /// <param name="sources">Their sources.</param>
    /// <param name="origin">Where they were found, for errors.</param>
    public ChatTemplateSet(IReadOnlyDictionary<string, string> sources, string origin = "the model")
    {
        (Sources, _origin) = (sources, origin);
        _templates = sources.ToDictionary(entry => entry.Key, entry => new Lazy<ChatTemplate>(() => ChatTemplate.Parse(entry.Value)));
    }

    /// <summary>The Jinja source of each.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; }

    /// <summary>The names, in order.</summary>
    public IReadOnlyList<string> Names => [.. _templates.Keys.Order(StringComparer.Ordinal)];

    /// <summary>A single template without a name, or none.</summary>
    public static ChatTemplateSet Of(string? source) => new(source is null ? new Dictionary<string, string>() : new Dictionary<string, string> { [Default] = source });

    /// <summary>The template of conversations, with tools or without; null where there is none at all.</summary>
    /// <exception cref="InvalidDataException">There are several, and none that counts without being named.</exception>
    /// <exception cref="ChatTemplateException">It cannot be parsed.</exception>
    public ChatTemplate? Find(bool hasTools)
    {
        if (_templates.Count == 0)
            return null;
        if (hasTools && _templates.TryGetValue(WithTools, out var tools))
            return tools.Value;
        return _templates.TryGetValue(Default, out var found)
            ? found.Value
            : throw new InvalidDataException($"{_origin} has chat templates named {string.Join(", ", Names)}, and none named {Default}; choose one with ChatTemplateName, or give your own as ChatTemplate.");
    }

    /// <summary>The source of the template of a name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public string Source(string name) => Sources.TryGetValue(name, out string? source)
        ? source
        : throw new ArgumentException(_templates.Count == 0
            ? $"ChatTemplateName is '{name}', but the model has no chat template; leave it out, or give a template as ChatTemplate."
            : $"ChatTemplateName is '{name}'; the model's chat templates are named {string.Join(", ", Names)}.");

    /// <summary>Whether both hold the same templates.</summary>
    public bool SameAs(ChatTemplateSet other) =>
        Sources.Count == other.Sources.Count && Sources.All(entry => other.Sources.TryGetValue(entry.Key, out string? source) && source == entry.Value);
}
