using System.Text;
using System.Text.Json;
using MLNet.Dpo.Text.Tokenization.Patterns;

namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>Makes the normalizer that tokenizer.json describes.</summary>
internal static class NormalizerReader
{
    public static ITextNormalizer Read(JsonElement json) => json.RequiredString("type") switch
    {
        "Sequence" => new NormalizerSequence([.. json.Required("normalizers", JsonValueKind.Array).EnumerateArray().Select(Read)]),
        "NFC" => new UnicodeNormalizer(NormalizationForm.FormC),
        "NFD" => new UnicodeNormalizer(NormalizationForm.FormD),
        "NFKC" => new UnicodeNormalizer(NormalizationForm.FormKC),
        "NFKD" => new UnicodeNormalizer(NormalizationForm.FormKD),
        "Lowercase" => new LowercaseNormalizer(),
        "Strip" => new StripNormalizer(json.Flag("strip_left", true), json.Flag("strip_right", true)),
        "StripAccents" => new FilterNormalizer(UnicodeClasses.IsMark),
        "Replace" => new ReplaceNormalizer(TextPattern.Read(json), json.RequiredString("content")),
        "Prepend" => new PrependNormalizer(json.RequiredString("prepend")),
        "ByteLevel" => new ByteLevelNormalizer(),
        "BertNormalizer" => BertNormalizer.Read(json),
        "Nmt" => new NmtNormalizer(),
        "Precompiled" => PrecompiledNormalizer.Read(json),
        var type => throw JsonReading.Unsupported("normalizer", type),
    };
}
