using System.Text.Json;
using MLNet.Dpo.Text.Tokenization.Patterns;

namespace MLNet.Dpo.Text.Tokenization.PreTokenizers;

/// <summary>Makes the pre-tokenizer that tokenizer.json describes.</summary>
internal static class SplitterReader
{
    public static ITextSplitter Read(JsonElement json) => json.RequiredString("type") switch
    {
        "Sequence" => new SplitterSequence([.. json.Required("pretokenizers", JsonValueKind.Array).EnumerateArray().Select(Read)]),
        "ByteLevel" => new ByteLevelSplitter(json.Flag("add_prefix_space", true), json.Flag("use_regex", true)),
        "Split" => new PatternSplitter(TextPattern.Read(json), SplitBehaviors.Parse(json.RequiredString("behavior")), json.Flag("invert")),
        "Metaspace" => MetaspaceSplitter.Read(json),
        "Whitespace" => new PatternSplitter(new TextPattern(new TokenizerRegex(@"\w+|[^\w\s]+")), SplitBehavior.Removed, invert: true),
        "WhitespaceSplit" => new ClassSplitter(UnicodeClasses.IsWhiteSpace, SplitBehavior.Removed),
        "BertPreTokenizer" => new SplitterSequence(
            [new ClassSplitter(UnicodeClasses.IsWhiteSpace, SplitBehavior.Removed), new ClassSplitter(UnicodeClasses.IsPunctuation, SplitBehavior.Isolated)]),
        "Punctuation" => new ClassSplitter(UnicodeClasses.IsPunctuation, SplitBehaviors.Parse(json.OptionalString("behavior") ?? "Isolated")),
        "Digits" => new ClassSplitter(UnicodeClasses.IsNumeric, json.Flag("individual_digits") ? SplitBehavior.Isolated : SplitBehavior.Contiguous),
        "CharDelimiterSplit" => new PatternSplitter(TextPattern.Of(json.RequiredString("delimiter")), SplitBehavior.Removed, invert: false),
        "FixedLength" => new FixedLengthSplitter(json.Integer("length", 5)),
        var type => throw JsonReading.Unsupported("pre-tokenizer", type),
    };
}
