using System.Text.Json.Nodes;
using MLNet.Dpo.Text.ChatTemplates;
using MLNet.Dpo.Text.ChatTemplates.Jinja;

namespace MLNet.Dpo;

/// <summary>
/// A chat template as Hugging Face models carry it: a Jinja source that turns messages into the text that the model was trained on. It is run by a small
/// interpreter, as transformers runs it (trim_blocks, lstrip_blocks, loop controls, <c>{% generation %}</c>, <c>tojson</c>, <c>raise_exception</c>,
/// <c>strftime_now</c>), which reaches nothing but the data given and whose steps and output are bounded. Immutable, safe for use by several threads.
/// </summary>
public sealed class ChatTemplate
{
    private readonly IReadOnlyList<Statement> _statements;

    private ChatTemplate(string source, IReadOnlyList<Statement> statements)
    {
        Source = source;
        _statements = statements;
    }

    /// <summary>The template as written.</summary>
    public string Source { get; }

    /// <summary>Parses a template.</summary>
    /// <exception cref="ChatTemplateException">The source is not valid, or uses a tag that chat templates do not use (such as import); names the line.</exception>
    public static ChatTemplate Parse(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return new ChatTemplate(source, Parser.Parse(source));
    }

    /// <summary>The text of a conversation.</summary>
    /// <param name="messages">The messages: objects with <c>role</c>, <c>content</c> and whatever else the template reads.</param>
    /// <param name="options">Generation prompt, special tokens, tools and further variables; null for none of them.</param>
    /// <exception cref="ChatTemplateException">The template refuses the conversation (its own message), or an operation fails (names the line).</exception>
    public string Render(JsonArray messages, ChatTemplateOptions? options = null) => RenderWithSpans(messages, options).Text;

    /// <summary>The text of messages that may belong to several arrays.</summary>
    internal string Render(IEnumerable<JsonNode?> messages, ChatTemplateOptions options) => RenderWithSpans(messages, options).Text;

    /// <summary>The text of a conversation, and where its <c>{% generation %}</c> blocks stand.</summary>
    internal RenderedChat RenderWithSpans(IEnumerable<JsonNode?> messages, ChatTemplateOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(messages);
        options ??= new ChatTemplateOptions();
        var prepared = ConversationPreparation.Prepare(messages);
        if (options.ContinueFinalMessage is null)
            return Run(prepared, options);

        var continuation = Continuation.Begin(prepared, options, Source);
        return continuation.Cut(Run(prepared, options));
    }

    /// <summary>The text of a conversation, with the characters marked that keep control tokens in the messages' own texts from being such.</summary>
    /// <exception cref="ChatTemplateException">As for <see cref="Render(JsonArray, ChatTemplateOptions)"/>; or a message holds control tokens, and the template does to it what cannot be followed.</exception>
    internal RenderedChat RenderProtected(IEnumerable<JsonNode?> messages, ChatTemplateOptions options, ControlTokens control)
    {
        var prepared = ConversationPreparation.Prepare(messages);
        if (prepared.OfType<JsonObject>().Any(message => message["role"] is JsonValue role && control.AreIn(role)))
            throw new ChatTemplateException("The role of a message holds control tokens; give a role such as user, or set AllowControlTokens.");
        if (!control.MayComeFrom(prepared))
            return Run(prepared, options);
        options = options with { TimeProvider = new FrozenTime(options.TimeProvider) };
        string marked = Run(control.Mark(prepared), options).Text;
        var plain = Run(prepared, options);
        if (ContentMarks.Plain(marked) == plain.Text)
            return plain with { FromContent = control.FromContent(marked, plain.Text, prepared) };
        return control.AreIn(prepared)
            ? throw new ChatTemplateException("A message holds control tokens, and the chat template changes its text in a way in which they cannot be followed; remove them, or set AllowControlTokens.")
            : plain;
    }

    private RenderedChat Run(JsonArray messages, ChatTemplateOptions options)
    {
        var budget = new Budget();
        var interpreter = new Interpreter(options.TimeProvider, budget);
        string text = interpreter.Render(_statements, Variables(messages, options, budget));
        return new RenderedChat(text, interpreter.GenerationSpans);
    }

    private static Scope Variables(JsonArray messages, ChatTemplateOptions options, Budget budget)
    {
        var scope = new Scope(null);
        scope.Set("messages", Converted("messages", messages, budget));
        scope.Set("tools", Converted("tools", options.Tools, budget));
        scope.Set("documents", Converted("documents", options.Documents, budget));
        scope.Set("add_generation_prompt", options.AddGenerationPrompt);
        foreach (var (role, token) in options.SpecialTokens)
            scope.Set(role, token);
        foreach (var (name, value) in options.Variables ?? [])
            scope.Set(name, Converted(name, value, budget));
        return scope;
    }

    private static object? Converted(string name, JsonNode? value, Budget budget)
    {
        try
        {
            return JsonValues.Convert(value, budget);
        }
        catch (Exception e) when (e is JinjaException or ArgumentException or InvalidOperationException)
        {
            // JSON text is read late: a key that stands twice or half a surrogate pair comes to light here.
            throw new ChatTemplateException($"The chat template's {name} cannot be read: {e.Message.TrimEnd('.')}.", e);
        }
    }
}
