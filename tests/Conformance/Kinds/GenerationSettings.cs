using System.Text.Json;
using System.Text.Json.Nodes;

namespace MLNet.Dpo.Conformance;

/// <summary>transformers' generation settings by their names.</summary>
internal static class GenerationSettings
{
    /// <summary>Sets one; false for one that the product does not have.</summary>
    internal static bool TrySet(GenerationOptions options, string name, JsonNode value)
    {
        switch (name)
        {
            case "temperature": options.Temperature = value.GetValue<double>(); return true;
            case "top_k": options.TopK = value.GetValue<int>(); return true;
            case "top_p": options.TopP = value.GetValue<double>(); return true;
            case "min_p": options.MinP = value.GetValue<double>(); return true;
            case "typical_p": options.TypicalP = value.GetValue<double>(); return true;
            case "epsilon_cutoff": options.EpsilonCutoff = value.GetValue<double>(); return true;
            case "eta_cutoff": options.EtaCutoff = value.GetValue<double>(); return true;
            case "repetition_penalty": options.RepetitionPenalty = value.GetValue<double>(); return true;
            case "no_repeat_ngram_size": options.NoRepeatNgramSize = value.GetValue<int>(); return true;
            case "bad_words_ids": options.BadWordsIds = [.. value.AsArray().Select(word => Ids(word!))]; return true;
            case "suppress_tokens": options.SuppressTokens = Ids(value); return true;
            case "begin_suppress_tokens": options.BeginSuppressTokens = Ids(value); return true;
            case "forced_eos_token_id": options.ForcedEosTokenId = value.GetValue<int>(); return true;
            case "max_new_tokens": options.MaxNewTokens = value.GetValue<int>(); return true;
            case "min_new_tokens": options.MinNewTokens = value.GetValue<int>(); return true;
            case "num_beams": options.NumBeams = value.GetValue<int>(); return true;
            case "length_penalty": options.LengthPenalty = value.GetValue<double>(); return true;
            case "early_stopping":
                options.EarlyStopping = value.GetValueKind() == JsonValueKind.String ? BeamStopping.Never : value.GetValue<bool>() ? BeamStopping.Early : BeamStopping.Heuristic;
                return true;
            case "sequence_bias": return TrySetBias(options, value.AsArray());
            case "do_sample": return value.GetValue<bool>();
            default: return false;
        }
    }

    /// <summary>Token ids.</summary>
    internal static IReadOnlyList<int> Ids(JsonNode ids) => [.. ids.AsArray().Select(id => id!.GetValue<int>())];

    // Pairs of token ids and a bias; only of single tokens.
    private static bool TrySetBias(GenerationOptions options, JsonArray pairs)
    {
        if (pairs.Any(pair => pair![0]!.AsArray().Count != 1)) return false;
        options.LogitBias = pairs.ToDictionary(pair => pair![0]![0]!.GetValue<int>(), pair => pair![1]!.GetValue<double>());
        return true;
    }
}
