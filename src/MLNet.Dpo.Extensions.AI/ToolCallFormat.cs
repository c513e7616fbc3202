using Microsoft.ML.Tokenizers;

namespace MLNet.Dpo.ExtensionsAI;

/// <summary>How a family of models writes tool calls.</summary>
/// <param name="Begins">Texts that a call begins with: what follows one of them is held back until it is whole.</param>
/// <param name="IsWholeAnswer">Whether an answer is calls from its start, or has none; else they stand anywhere.</param>
internal sealed record ToolCallFormat(string[] Begins, bool IsWholeAnswer)
{
    internal const string OpenTag = "<tool_call>", CloseTag = "</tool_call>", ToolCalls = "[TOOL_CALLS]", Arguments = "[ARGS]", PythonTag = "<|python_tag|>";

    /// <summary>No tool calls: all is text.</summary>
    internal static ToolCallFormat None { get; } = new([], false);

    /// <summary>Qwen's and Hermes': <c>&lt;tool_call&gt;{"name": ..., "arguments": {...}}&lt;/tool_call&gt;</c>.</summary>
    internal static ToolCallFormat Tagged { get; } = new([OpenTag], false);

    /// <summary>Mistral's: <c>[TOOL_CALLS][{"name": ..., "arguments": {...}}]</c>, later <c>[TOOL_CALLS]name[ARGS]{...}</c>. The marks are special tokens, which are not in the text of most tokenizers.</summary>
    internal static ToolCallFormat Listed { get; } = new([ToolCalls, "["], true);

    /// <summary>Llama's: <c>{"name": ..., "parameters": {...}}</c>.</summary>
    internal static ToolCallFormat Bare { get; } = new([PythonTag, "{"], true);

    /// <summary>That of a model, by what its chat template writes.</summary>
    internal static ToolCallFormat Of(Tokenizer tokenizer)
    {
        var template = (tokenizer as HuggingFaceTokenizer)?.ToolChatTemplate?.Source ?? "";
        return template.Contains(OpenTag, StringComparison.Ordinal) ? Tagged
            : template.Contains(ToolCalls, StringComparison.Ordinal) ? Listed
            : template.Contains("ipython", StringComparison.Ordinal) || template.Contains(PythonTag, StringComparison.Ordinal) ? Bare
            : None;
    }
}
