using System.Globalization;
using System.Text.Json.Nodes;
using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Models;

namespace MLNet.Dpo.Saving.Gguf;

/// <summary>Makes a config.json of a GGUF file's keys.</summary>
internal sealed class GgufConfigReader
{
    private readonly GgufFile _file;
    private readonly GgufMetadata _keys;
    private readonly string _architecture;
    private readonly JsonObject _json = [];

    private GgufConfigReader(GgufFile file, GgufFamily family) => (_file, _keys, _architecture) = (file, file.Metadata, family.Architecture);

    /// <summary>The family of a file.</summary>
    /// <exception cref="NotSupportedException">It is another than those that are read.</exception>
    internal static GgufFamily FamilyOf(GgufMetadata keys)
    {
        var architecture = keys.Text("general.architecture") ?? throw keys.Missing("general.architecture");
        return GgufFamily.All.FirstOrDefault(family => family.Architecture == architecture)
            ?? throw new NotSupportedException($"{keys.Path}: general.architecture is '{architecture}'; supported: {string.Join(", ", GgufFamily.All.Select(family => family.Architecture).Distinct())}. Use the model's Hugging Face folder.");
    }

    /// <summary>The configuration of a file, as the model's folder would have it.</summary>
    /// <exception cref="InvalidDataException">A key is missing or wrong.</exception>
    /// <exception cref="NotSupportedException">The file is of a family, or has a setting, that is not read.</exception>
    internal static JsonObject Read(GgufFile file)
    {
        var family = FamilyOf(file.Metadata);
        var reader = new GgufConfigReader(file, family);
        reader.ReadSizes(family);
        reader.ReadFamily();
        return reader._json;
    }

    private void ReadSizes(GgufFamily family)
    {
        if (Int("expert_count") is > 0) throw Unsupported("expert_count", $"{Int("expert_count")}", "models without experts");
        var (heads, hidden) = (Required("attention.head_count"), Required("embedding_length"));
        var headDim = Int("attention.key_length") ?? (heads > 0 ? hidden / heads : 0);
        if ((Int("attention.value_length") ?? headDim) != headDim) throw Unsupported("attention.value_length", $"{Int("attention.value_length")}", $"the key_length {headDim}");
        if (!_file.TryGet("token_embd.weight", out var embedding) || embedding.Shape.Count != 2) throw new InvalidDataException($"{_file.Path}: the tensor token_embd.weight is missing or no matrix; the file does not hold a complete model. Get or make it again.");
        _json["model_type"] = family.ModelType;
        _json["vocab_size"] = embedding.Shape[0];
        _json["hidden_size"] = hidden;
        _json["intermediate_size"] = Required("feed_forward_length");
        _json["num_hidden_layers"] = Required("block_count");
        _json["num_attention_heads"] = heads;
        _json["num_key_value_heads"] = Int("attention.head_count_kv") ?? heads;
        _json["head_dim"] = headDim;
        _json[family.IsGemma ? "hidden_activation" : "hidden_act"] = family.IsGemma ? "gelu_pytorch_tanh" : "silu";
        _json["max_position_embeddings"] = Required("context_length");
        _json["rms_norm_eps"] = Number("attention.layer_norm_rms_epsilon") ?? throw _keys.Missing(Key("attention.layer_norm_rms_epsilon"));
        _json["tie_word_embeddings"] = !_file.TryGet("output.weight", out _);
        if (_keys.Int(GgufKeys.Roles["bos_token"]) is { } bos) _json["bos_token_id"] = bos;
        int[] ends = [.. new[] { GgufKeys.Eos, GgufKeys.Eot, GgufKeys.Eom }.Select(_keys.Int).OfType<int>().Distinct()];
        if (ends.Length > 0) _json["eos_token_id"] = new JsonArray([.. ends.Select(id => JsonValue.Create(id))]);
        if (_keys.Int(GgufKeys.Roles["pad_token"]) is { } pad) _json["pad_token_id"] = pad;
    }

    private void ReadFamily()
    {
        var rope = ReadRope();
        switch (_architecture)
        {
            case "llama":
                var (input, output) = (HasBias("attn_q"), HasBias("attn_output"));
                if (input != output) throw Unsupported("blk.0.attn_q.bias", input ? "there without attn_output.bias" : "missing beside attn_output.bias", "both or none");
                _json["attention_bias"] = input;
                _json["mlp_bias"] = HasBias("ffn_gate");
                break;
            case "phi3":
                if (_keys.Int(Key("rope.dimension_count")) is { } rotated)
                {
                    if (rotated <= 0) throw _keys.Wrong(Key("rope.dimension_count"), rotated, "a positive number");
                    rope["partial_rotary_factor"] = (double)rotated / _json["head_dim"]!.GetValue<int>();
                }
                // As llama.cpp has it: the window of Phi-3 does not count.
                _json["sliding_window"] = null;
                break;
            case "gemma2" or "gemma3":
                ReadGemma(rope);
                return;
        }
        if (_architecture != "phi3" && _keys.Int(Key("rope.dimension_count")) is { } dimensions && dimensions != _json["head_dim"]!.GetValue<int>())
            throw Unsupported("rope.dimension_count", $"{dimensions}", $"the whole head ({_json["head_dim"]}) for {_architecture}");
        _json["rope_parameters"] = rope;
    }

    private void ReadGemma(JsonObject rope)
    {
        var layers = _json["num_hidden_layers"]!.GetValue<int>();
        _json["query_pre_attn_scalar"] = GgufGemma.Scale(
            _architecture, layers, _json["hidden_size"]!.GetValue<int>(), Math.Max(1, _json["num_attention_heads"]!.GetValue<int>()), _json["head_dim"]!.GetValue<int>());
        _json["sliding_window"] = Required("attention.sliding_window");
        if (_keys.Has(Key("attention.sliding_window_pattern")) && _keys.Int(Key("attention.sliding_window_pattern")) is { } pattern && pattern != GgufGemma.Period(_architecture))
            throw Unsupported("attention.sliding_window_pattern", $"{pattern}", $"{GgufGemma.Period(_architecture)}");
        if (layers is > 0 and <= Models.Architectures.Architecture.MaxLayers)
            _json["layer_types"] = new JsonArray([.. Enumerable.Range(0, layers).Select(layer => JsonValue.Create(GgufGemma.Slides(_architecture, layer) ? "sliding_attention" : "full_attention"))]);
        _json["attn_logit_softcapping"] = _architecture == "gemma2" ? Number("attn_logit_softcapping") ?? 50 : null;
        _json["final_logit_softcapping"] = Number("final_logit_softcapping") ?? (_architecture == "gemma2" ? 30 : null);
        _json["rope_parameters"] = _architecture == "gemma2" ? rope : new JsonObject
        {
            ["full_attention"] = rope,
            ["sliding_attention"] = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = Number("rope.freq_base_swa") ?? GgufGemma.LocalTheta },
        };
    }

    private JsonObject ReadRope()
    {
        var rope = new JsonObject { ["rope_type"] = "default", ["rope_theta"] = Number("rope.freq_base") ?? 10000 };
        var context = _json["max_position_embeddings"]!.GetValue<int>();
        var (type, factor, original) = (_keys.Text(Key("rope.scaling.type")), Number("rope.scaling.factor") ?? Number("rope.scale_linear"), Int("rope.scaling.original_context_length"));
        if (_file.TryGet("rope_factors_long.weight", out var longFactors) && _file.TryGet("rope_factors_short.weight", out var shortFactors))
        {
            rope["rope_type"] = "longrope";
            rope["long_factor"] = List(longFactors);
            rope["short_factor"] = List(shortFactors);
            rope["attention_factor"] = Number("rope.scaling.attn_factor") ?? 1;
            _json["original_max_position_embeddings"] = original ?? context;
        }
        else if (_file.TryGet("rope_freqs.weight", out var ratios)) ReadRatios(rope, ratios, context);
        else if (type is "yarn" && factor is not null)
        {
            rope["rope_type"] = "yarn";
            rope["factor"] = factor;
            rope["original_max_position_embeddings"] = original ?? context;
        }
        else if (type is null or "linear" && factor is not null and not (0 or 1))
        {
            rope["rope_type"] = "linear";
            rope["factor"] = factor;
        }
        else if (type is not (null or "none" or "linear")) throw Unsupported("rope.scaling.type", $"'{type}'", "none, linear, yarn, longrope with its factors");
        return rope;
    }

    // Llama 3's scaling comes as its factors. Its settings are found again where they are the usual ones, else the factors themselves stand for them.
    private void ReadRatios(JsonObject rope, GgufEntry entry, int context)
    {
        var (ratios, dim, theta) = (Values(entry), _json["head_dim"]!.GetValue<int>(), rope["rope_theta"]!.GetValue<double>());
        if (ratios.Length != dim / 2) throw new InvalidDataException($"{_file.Path}: tensor rope_freqs.weight has {ratios.Length} numbers; expected {dim / 2}, one for each pair of a head's dimensions. Get or make the file again.");
        var factor = ratios.Max();
        for (var original = 1 << 18; original >= 16 && factor > 0; original /= 2)
        {
            var scaling = new Llama3RopeScaling(factor, 1, 4, original);
            var expected = RopeScaling.Plain(theta, dim).Zip(scaling.Frequencies(theta, dim, 1), (plain, changed) => plain / changed);
            if (!ratios.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) <= 1e-5 * pair.Second)) continue;
            rope["rope_type"] = "llama3";
            (rope["factor"], rope["low_freq_factor"], rope["high_freq_factor"], rope["original_max_position_embeddings"]) = (factor, 1, 4, original);
            return;
        }
        rope["rope_type"] = "longrope";
        (rope["long_factor"], rope["short_factor"], rope["attention_factor"], rope["original_max_position_embeddings"]) = (List(entry), List(entry), 1, context);
    }

    private JsonArray List(GgufEntry entry) => new([.. Values(entry).Select(value => JsonValue.Create(value))]);

    private double[] Values(GgufEntry entry)
    {
        if (entry.Type != GgufType.F32 || entry.Shape.Count != 1) throw new InvalidDataException($"{_file.Path}: tensor {entry} holds rotary factors; expected a list of F32. Get or make the file again.");
        using var tensor = TensorGguf.Read(_file, entry);
        return [.. tensor.data<float>().ToArray().Select(value => double.Parse(value.ToString("R", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture))];
    }

    private bool HasBias(string part) => _file.TryGet($"blk.0.{part}.bias", out _);

    private int? Int(string key) => _keys.Int(Key(key));

    private int Required(string key) => _keys.RequiredInt(Key(key));

    private double? Number(string key) => _keys.Number(Key(key));

    private string Key(string key) => $"{_architecture}.{key}";

    private NotSupportedException Unsupported(string key, string given, string supported) => new($"{_file.Path}: {key} is {given}; supported: {supported}. Use the model's Hugging Face folder.");
}
