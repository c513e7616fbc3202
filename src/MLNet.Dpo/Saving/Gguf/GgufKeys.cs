namespace MLNet.Dpo.Saving.Gguf;

/// <summary>What <c>tokenizer.ggml.token_type</c> says of a token.</summary>
internal enum GgufTokenKind
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>The unknown token.</summary>
    Unknown = 2,

    /// <summary>A special token, not shown to readers.</summary>
    Control = 3,

    /// <summary>A token that is found in the text before anything else.</summary>
    UserDefined = 4,

    /// <summary>A row of the embedding matrix without a token.</summary>
    Unused = 5,

    /// <summary>A byte, spelled &lt;0x41&gt;.</summary>
    Byte = 6,
}

/// <summary>The keys of a tokenizer in a GGUF file.</summary>
internal static class GgufKeys
{
    internal const string Model = "tokenizer.ggml.model";
    internal const string Pre = "tokenizer.ggml.pre";
    internal const string Tokens = "tokenizer.ggml.tokens";
    internal const string Scores = "tokenizer.ggml.scores";
    internal const string Kinds = "tokenizer.ggml.token_type";
    internal const string Merges = "tokenizer.ggml.merges";
    internal const string AddBos = "tokenizer.ggml.add_bos_token";
    internal const string AddEos = "tokenizer.ggml.add_eos_token";
    internal const string AddSpacePrefix = "tokenizer.ggml.add_space_prefix";
    internal const string HuggingFace = "tokenizer.huggingface.json";
    internal const string ChatTemplate = "tokenizer.chat_template";
    internal const string ChatTemplates = "tokenizer.chat_templates";
    internal const string Eos = "tokenizer.ggml.eos_token_id";
    internal const string Eot = "tokenizer.ggml.eot_token_id";
    internal const string Eom = "tokenizer.ggml.eom_token_id";

    /// <summary>The keys of special tokens' ids, by role.</summary>
    internal static IReadOnlyDictionary<string, string> Roles { get; } = new Dictionary<string, string>
    {
        ["bos_token"] = "tokenizer.ggml.bos_token_id",
        ["eos_token"] = Eos,
        ["unk_token"] = "tokenizer.ggml.unknown_token_id",
        ["sep_token"] = "tokenizer.ggml.seperator_token_id",
        ["pad_token"] = "tokenizer.ggml.padding_token_id",
        ["mask_token"] = "tokenizer.ggml.mask_token_id",
    };
}
