using Microsoft.ML.Tokenizers;
using MLNet.Dpo.Text;
using MLNet.Dpo.Text.ChatTemplates;
using MLNet.Dpo.Text.Tokenization;

namespace MLNet.Dpo;

/// <summary>
/// A tokenizer read from Hugging Face's tokenizer.json. Its ids equal those of the tokenizers package: added tokens are found in the text first, the rest
/// goes through the file's own normalizer, pre-tokenizer, model and decoder. Truncation and padding that the file may ask for are not applied.
/// Instances are immutable and safe for use by several threads.
/// </summary>
public sealed partial class HuggingFaceTokenizer : Tokenizer
{
    private readonly TokenizerPipeline _pipeline;

    private HuggingFaceTokenizer(TokenizerFiles files, TokenizerPipeline pipeline)
    {
        Files = files;
        _pipeline = pipeline;
        ControlTokens = new ControlTokens(pipeline.SpecialTexts);
        var config = TokenizerConfig.Read(files.TokenizerConfig, files.SpecialTokensMap);
        (BosToken, EosToken, PadToken, UnknownToken) = (config.BosToken, config.EosToken, config.PadToken, config.UnknownToken);
        SpecialTokens = config.SpecialTokens;
        var named = new Dictionary<string, string>(files.NamedTemplates, StringComparer.Ordinal);
        if (files.ChatTemplate is { } template)
            named[ChatTemplateSet.Default] = template;
        ChatTemplates = named.Count > 0 ? new ChatTemplateSet(named, TokenizerFiles.TemplateFolder) : new ChatTemplateSet(config.ChatTemplates, TokenizerConfig.File);
    }

    /// <summary>The files that the tokenizer was read from.</summary>
    internal TokenizerFiles Files { get; }

    /// <summary>The chat templates by name.</summary>
    internal ChatTemplateSet ChatTemplates { get; }

    /// <summary>The added tokens that are marked special, as texts.</summary>
    internal ControlTokens ControlTokens { get; }

    /// <summary>The number of rows that a model needs for every id: the highest id + 1.</summary>
    public int VocabularySize => _pipeline.MaxId + 1;

    /// <summary>The text of the beginning-of-sequence token; null where neither tokenizer_config.json nor special_tokens_map.json names one.</summary>
    public string? BosToken { get; }

    /// <summary>The text of the end-of-sequence token; null where neither tokenizer_config.json nor special_tokens_map.json names one.</summary>
    public string? EosToken { get; }

    /// <summary>The text of the padding token; null where neither tokenizer_config.json nor special_tokens_map.json names one.</summary>
    public string? PadToken { get; }

    /// <summary>The text of the unknown token; null where neither tokenizer_config.json nor special_tokens_map.json names one.</summary>
    public string? UnknownToken { get; }

    /// <summary>The id of <see cref="BosToken"/>; null where there is none.</summary>
    public int? BosTokenId => TokenToId(BosToken);

    /// <summary>The id of <see cref="EosToken"/>; null where there is none.</summary>
    public int? EosTokenId => TokenToId(EosToken);

    /// <summary>The id of <see cref="PadToken"/>; null where there is none.</summary>
    public int? PadTokenId => TokenToId(PadToken);

    /// <summary>Every special token that tokenizer_config.json or special_tokens_map.json names, by its role (<c>bos_token</c>, <c>eos_token</c>, ...): what chat templates see.</summary>
    public IReadOnlyDictionary<string, string> SpecialTokens { get; }

    /// <summary>The chat template, of several the one named "default"; null where the files hold none. Parsed at the first use.</summary>
    /// <exception cref="ChatTemplateException">The template cannot be parsed.</exception>
    /// <exception cref="InvalidDataException">There are named templates, and none is named "default".</exception>
    public ChatTemplate? ChatTemplate => ChatTemplates.Find(hasTools: false);

    /// <summary>The chat template of conversations with tools: of several the one named "tool_use", where there is one; else <see cref="ChatTemplate"/>.</summary>
    /// <exception cref="ChatTemplateException">The template cannot be parsed.</exception>
    /// <exception cref="InvalidDataException">There are named templates, and none is named "tool_use" or "default".</exception>
    public ChatTemplate? ToolChatTemplate => ChatTemplates.Find(hasTools: true);

    /// <summary>
    /// The names of the chat templates, in order: "default" for one without a name; those of a list in tokenizer_config.json, or of the folder additional_chat_templates.
    /// Empty where the files hold none.
    /// </summary>
    public IReadOnlyList<string> ChatTemplateNames => ChatTemplates.Names;

    /// <summary>Reads a tokenizer from a model folder, or from a tokenizer.json (also .json.gz), or SentencePiece's tokenizer.model, with its other files beside it.</summary>
    /// <exception cref="FileNotFoundException">There is neither at <paramref name="path"/>.</exception>
    /// <exception cref="InvalidDataException">A file is malformed, or asks for something unsupported; the message names it.</exception>
    public static HuggingFaceTokenizer Load(string path)
    {
        var files = TokenizerFiles.Read(path);
        try
        {
            return Load(files);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException($"{path}: {e.Message}", e);
        }
    }

    /// <summary>Makes a tokenizer from files in memory.</summary>
    /// <exception cref="InvalidDataException">A file is malformed, or asks for something unsupported; the message names it.</exception>
    internal static HuggingFaceTokenizer Load(TokenizerFiles files)
    {
        ArgumentNullException.ThrowIfNull(files);
        return new HuggingFaceTokenizer(files, TokenizerPipeline.Read(files.TokenizerJson));
    }

    /// <summary>The same tokenizer with one chat template, whatever it had.</summary>
    internal HuggingFaceTokenizer WithChatTemplate(string source) =>
        new(Files with { ChatTemplate = source, NamedTemplates = new Dictionary<string, string>() }, _pipeline);

    /// <summary>Writes the files that the tokenizer was read from into a folder, byte for byte.</summary>
    public void Save(string folder) => Files.Write(folder);

    /// <summary>The ids of a text.</summary>
    /// <param name="text">Any text; added tokens in it are recognised.</param>
    /// <param name="addSpecialTokens">Whether the ids that the file's post-processor puts around a text (such as bos) are added.</param>
    /// <exception cref="InvalidDataException">A regular expression of tokenizer.json takes too long on this text, or the vocabulary has no token for a part of it.</exception>
    public int[] Encode(string text, bool addSpecialTokens = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var ids = new List<int>(text.Length / 3 + 8);
        if (addSpecialTokens)
            ids.AddRange(_pipeline.SpecialTokens.Prefix);
        _pipeline.Encode(text, ids, null);
        if (addSpecialTokens)
            ids.AddRange(_pipeline.SpecialTokens.Suffix);
        return [.. ids];
    }

    /// <summary>The ids of a rendered conversation (no special tokens are added: the template writes them); control tokens of its messages' own texts are ordinary text where that was asked for.</summary>
    internal int[] EncodeChat(RenderedChat chat)
    {
        ArgumentNullException.ThrowIfNull(chat);
        var ids = new List<int>(chat.Text.Length / 3 + 8);
        _pipeline.Encode(chat.Text, ids, null, chat.FromContent);
        return [.. ids];
    }

    /// <summary>
    /// The ids of a rendered conversation (no special tokens are added: the template writes them), and which of them the assistant said: from the token
    /// that holds a generation span's first character to the one that holds its last.
    /// </summary>
    internal MaskedTokens EncodeWithMask(RenderedChat chat)
    {
        ArgumentNullException.ThrowIfNull(chat);
        var (ids, sources) = (new List<int>(), new List<SourceSpan>());
        _pipeline.Encode(chat.Text, ids, sources);
        bool[] generated = new bool[ids.Count];
        int first = 0;
        foreach (var span in chat.GenerationSpans.OrderBy(span => span.Start.Value))
        {
            while (first < ids.Count && sources[first].End <= span.Start.Value)
                first++;
            for (int i = first; i < ids.Count && sources[i].Start < span.End.Value; i++)
                generated[i] |= sources[i].End > span.Start.Value;
        }
        return new MaskedTokens([.. ids], generated);
    }

    /// <summary>The text of a sequence of ids; ids that no token has are left out.</summary>
    /// <param name="ids">The ids.</param>
    /// <param name="skipSpecialTokens">Whether special tokens are left out.</param>
    public string Decode(IEnumerable<int> ids, bool skipSpecialTokens)
    {
        ArgumentNullException.ThrowIfNull(ids);
        return _pipeline.Decode(ids, skipSpecialTokens);
    }

    /// <summary>A decoder that takes ids one by one and gives text as soon as it is certain.</summary>
    internal DecodeStream CreateDecodeStream(bool skipSpecialTokens = true) => new(this, skipSpecialTokens);

    /// <summary>The id of a token; null where the vocabulary lacks it (or the token is null).</summary>
    public int? TokenToId(string? token) => token is null ? null : _pipeline.IdOf(token);

    /// <summary>The token of an id, as the vocabulary spells it; null where no token has the id.</summary>
    public string? IdToToken(int id) => _pipeline.TokenOf(id);

    /// <summary>Whether an id stands for one byte, whose text depends on the bytes after it.</summary>
    internal bool IsByte(int id) => _pipeline.IsByte(id);

    /// <summary>The bytes that an id adds to a text, between others; none for an id that no token has.</summary>
    internal byte[] BytesOf(int id) => _pipeline.BytesOf(id);

    /// <summary>Whether an id is that of a special token.</summary>
    public bool IsSpecial(int id) => _pipeline.IsSpecial(id);
}
