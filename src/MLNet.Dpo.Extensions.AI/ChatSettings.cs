using System.Text.Json.Nodes;
using Microsoft.Extensions.AI;

namespace MLNet.Dpo.ExtensionsAI;

/// <summary>What a call asks for, as this library has it.</summary>
/// <param name="Generation">How to generate.</param>
/// <param name="Tools">The tools as chat templates take them; null for none.</param>
/// <param name="TemplateArguments">Variables of the chat template; null for none.</param>
internal sealed record ChatSettings(GenerationOptions Generation, JsonArray? Tools, JsonObject? TemplateArguments)
{
    private const string TemplateArgumentsKey = "chat_template_kwargs";

    /// <summary>Reads the options of a call.</summary>
    /// <param name="asked">Who is called.</param>
    /// <param name="call">The call's options; null for none.</param>
    /// <param name="client">The client's.</param>
    /// <param name="model">The model's own settings, where the client has none.</param>
    /// <exception cref="NotSupportedException">An option has no counterpart.</exception>
    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal static ChatSettings Of(IChatClient asked, ChatOptions? call, DpoChatClient.Options client, GenerationOptions model)
    {
        var generation = (client.Generation ?? model).Clone();
        if (call is null) return new ChatSettings(generation, null, client.ChatTemplateArguments);
        CheckSupported(call, client);
        if (call.RawRepresentationFactory is { } factory)
        {
            generation = (factory(asked) as GenerationOptions ?? throw new NotSupportedException(
                $"RawRepresentationFactory of ChatOptions gives no {nameof(GenerationOptions)}, which is all that is taken here; give one, or leave it out.")).Clone();
        }
        if (call.Temperature is { } temperature) generation.Temperature = temperature;
        if (call.TopP is { } topP) generation.TopP = topP;
        if (call.TopK is { } topK) generation.TopK = topK;
        if (call.MaxOutputTokens is { } most) generation.MaxNewTokens = most;
        if (call.FrequencyPenalty is { } frequency) generation.FrequencyPenalty = frequency;
        if (call.PresencePenalty is { } presence) generation.PresencePenalty = presence;
        if (call.StopSequences is { } stops) generation.StopStrings = [.. stops];
        if (call.Seed is { } seed) generation.Seed = unchecked((int)(seed ^ (seed >> 32)));
        Format(call.ResponseFormat, generation);
        generation.Validate();
        return new ChatSettings(generation, ToolsOf(call), call.AdditionalProperties?.TryGetValue(TemplateArgumentsKey, out JsonObject? arguments) == true ? arguments : client.ChatTemplateArguments);
    }

    private static void CheckSupported(ChatOptions call, DpoChatClient.Options client)
    {
        if (call.ModelId is { } id && id != client.ModelId)
            throw new NotSupportedException($"ModelId of ChatOptions is '{id}', and the client's model is '{client.ModelId}'; leave it out, or set ModelId of the client's options.");
        if (call.ConversationId is not null) throw NotSupported(nameof(call.ConversationId), "conversations are not kept: give all their messages");
        if (call.Reasoning is not null) throw NotSupported(nameof(call.Reasoning), $"give the chat template's own variable as {TemplateArgumentsKey} in AdditionalProperties");
        if (call.ContinuationToken is not null) throw NotSupported(nameof(call.ContinuationToken), "answers are not kept");
        if (call.AllowMultipleToolCalls == false) throw NotSupported(nameof(call.AllowMultipleToolCalls), "a model calls as many tools as it likes");
        if (call.ToolMode is RequiredChatToolMode) throw NotSupported(nameof(call.ToolMode), "a model decides itself whether it calls a tool: ask for it in a message");
        foreach (var (key, value) in call.AdditionalProperties ?? [])
        {
            if (key != TemplateArgumentsKey) throw NotSupported($"AdditionalProperties '{key}'", $"only {TemplateArgumentsKey} is taken");
            if (value is not JsonObject) throw NotSupported($"{TemplateArgumentsKey} as {value?.GetType().Name ?? "null"}", $"give a {nameof(JsonObject)}");
        }
    }

    private static void Format(ChatResponseFormat? format, GenerationOptions generation)
    {
        if (format is null or ChatResponseFormatText) return;
        if (format is not ChatResponseFormatJson json) throw NotSupported($"ResponseFormat {format.GetType().Name}", "give text or JSON");
        generation.JsonSchema = json.Schema?.GetRawText() ?? """{"type": "object"}""";
    }

    private static JsonArray? ToolsOf(ChatOptions call)
    {
        if (call.Tools is not { Count: > 0 } tools || call.ToolMode is NoneChatToolMode) return null;
        return [.. tools.Select(tool => (JsonNode)ToolOf(tool))];
    }

    private static JsonObject ToolOf(AITool tool)
    {
        var function = tool as AIFunctionDeclaration ?? throw NotSupported($"the tool '{tool.Name}' of type {tool.GetType().Name}", $"only functions ({nameof(AIFunctionDeclaration)}) can be called");
        return new JsonObject
        {
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = function.Name, ["description"] = function.Description, ["parameters"] = JsonNode.Parse(function.JsonSchema.GetRawText()) },
        };
    }

    private static NotSupportedException NotSupported(string what, string instead) => new($"ChatOptions has {what}, which models of this library do not have; {instead}.");
}
