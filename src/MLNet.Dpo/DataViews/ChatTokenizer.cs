using System.Text;
using Microsoft.ML.Tokenizers;
using MLNet.Dpo.Text;
using MLNet.Dpo.Text.ChatTemplates;
using MLNet.Dpo.Text.Tokenization;

namespace MLNet.Dpo.DataViews;

/// <summary>A tokenizer with what chat needs beside it: a template, the special tokens, and which ids a reader is not shown. Immutable.</summary>
internal sealed class ChatTokenizer
{
    private readonly HuggingFaceTokenizer? _huggingFace;
    private readonly HashSet<int> _specialIds;
    private readonly Lazy<TextBetween> _bytes;

    /// <summary>A Hugging Face tokenizer: its files say all.</summary>
    internal ChatTokenizer(HuggingFaceTokenizer tokenizer)
    {
        Tokenizer = _huggingFace = tokenizer;
        ChatTemplates = tokenizer.ChatTemplates;
        ControlTokens = tokenizer.ControlTokens;
        SpecialTokens = tokenizer.SpecialTokens;
        EosTokenId = tokenizer.EosTokenId;
        _specialIds = [];
        _bytes = Between(tokenizer);
    }

    /// <summary>Any other tokenizer. It must recognise special tokens in text and add none of its own.</summary>
    /// <param name="tokenizer">The tokenizer.</param>
    /// <param name="chatTemplate">The Jinja source of the chat template; null for plain text.</param>
    /// <param name="specialTokens">Special tokens by role.</param>
    /// <exception cref="ArgumentException">A special token is not one token of the tokenizer.</exception>
    internal ChatTokenizer(Tokenizer tokenizer, string? chatTemplate, IReadOnlyDictionary<string, string> specialTokens)
    {
        Tokenizer = tokenizer;
        ChatTemplates = ChatTemplateSet.Of(chatTemplate);
        ControlTokens = new ControlTokens(specialTokens.Values);
        SpecialTokens = new Dictionary<string, string>(specialTokens);
        _specialIds = [.. specialTokens.Select(token => IdOf(tokenizer, token.Key, token.Value))];
        EosTokenId = specialTokens.TryGetValue("eos_token", out var eos) ? IdOf(tokenizer, "eos_token", eos) : null;
        _bytes = Between(tokenizer);
    }

    internal Tokenizer Tokenizer { get; }

    /// <summary>The chat templates; none where prompts and responses are plain text.</summary>
    internal ChatTemplateSet ChatTemplates { get; }

    /// <summary>The chat template of conversations without tools; null where there is none.</summary>
    /// <exception cref="InvalidDataException">There are several, and none that counts without being named.</exception>
    internal ChatTemplate? ChatTemplate => ChatTemplates.Find(hasTools: false);

    /// <summary>The special tokens as they stand in texts.</summary>
    internal ControlTokens ControlTokens { get; }

    /// <summary>Special tokens by role (<c>eos_token</c>, ...), as templates see them.</summary>
    internal IReadOnlyDictionary<string, string> SpecialTokens { get; }

    internal string? EosToken => SpecialTokens.GetValueOrDefault("eos_token");

    internal int? EosTokenId { get; }

    /// <summary>The files that a saved model carries.</summary>
    /// <exception cref="NotSupportedException">The tokenizer was not read from files.</exception>
    internal TokenizerFiles FilesToSave => _huggingFace?.Files ?? throw new NotSupportedException(
        $"The tokenizer is a {Tokenizer.GetType().Name}, which cannot be written into a model; tokenise with a HuggingFaceTokenizer (a folder with tokenizer.json), or keep the weights with SaveAdapter or SaveModelFolder.");

    /// <summary>The ids of a text.</summary>
    /// <param name="text">Any text; special tokens in it are recognised.</param>
    /// <param name="addSpecialTokens">Whether what tokenizer.json puts around a text is added; other tokenizers add nothing.</param>
    internal IReadOnlyList<int> Encode(string text, bool addSpecialTokens) =>
        _huggingFace is { } tokenizer ? tokenizer.Encode(text, addSpecialTokens) : Tokenizer.EncodeToIds(text);

    /// <summary>The ids of a rendered conversation; control tokens of its messages' own texts are ordinary text where that was asked for.</summary>
    internal IReadOnlyList<int> Encode(RenderedChat chat) => _huggingFace is { } tokenizer
        ? tokenizer.EncodeChat(chat)
        : [.. ControlTokens.Apart(chat).SelectMany(text => Tokenizer.EncodeToIds(text))];

    /// <summary>The text of ids, special tokens left out.</summary>
    internal string Decode(IEnumerable<int> ids) =>
        _huggingFace is { } tokenizer ? tokenizer.Decode(ids, skipSpecialTokens: true) : Tokenizer.Decode(ids.Where(id => !_specialIds.Contains(id))) ?? "";

    /// <summary>Whether an id is that of a special token.</summary>
    internal bool IsSpecial(int id) => _huggingFace?.IsSpecial(id) ?? _specialIds.Contains(id);

    /// <summary>Whether an id stands for one byte, whose text depends on the bytes after it (SentencePiece's <c>&lt;0xE4&gt;</c>).</summary>
    internal bool IsByte(int id) => _huggingFace?.IsByte(id) == true;

    /// <summary>The bytes that an id adds to a text, between others; none where it adds nothing that is whole.</summary>
    internal byte[] BytesOf(int id) => IsSpecial(id) ? [] : _huggingFace?.BytesOf(id) ?? _bytes.Value.Of(id);

    /// <summary>What an id adds to a text; U+FFFD for bytes that are no character alone, the vocabulary's spelling for a special token.</summary>
    internal string TextOf(int id) => IsSpecial(id) ? _huggingFace?.IdToToken(id) ?? Tokenizer.Decode([id]) ?? "" : Encoding.UTF8.GetString(BytesOf(id));

    /// <summary>Whether both are one tokenizer, or were read from the same file.</summary>
    internal bool SameVocabularyAs(ChatTokenizer other) =>
        ReferenceEquals(Tokenizer, other.Tokenizer)
        || (_huggingFace is { } mine && other._huggingFace is { } others && mine.Files.TokenizerJson.AsSpan().SequenceEqual(others.Files.TokenizerJson));

    /// <summary>Writes what other programs need to use the tokenizer, where it has files.</summary>
    internal void SaveFiles(string folder) => _huggingFace?.Save(folder);

    private static Lazy<TextBetween> Between(Tokenizer tokenizer) => new(() => new TextBetween(ids => tokenizer.Decode(ids) ?? "", tokenizer.EncodeToIds("a")));

    private static int IdOf(Tokenizer tokenizer, string role, string token)
    {
        var ids = tokenizer.EncodeToIds(token);
        return ids.Count == 1
            ? ids[0]
            : throw new ArgumentException(
                $"SpecialTokens has {role} '{token}', which is {ids.Count} tokens of this {tokenizer.GetType().Name}; make the tokenizer with that special token (and without adding begin or end tokens), or give one that it knows.");
    }
}
