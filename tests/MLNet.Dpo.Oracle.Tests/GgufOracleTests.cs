using System.Text.Json.Nodes;
using LLama;
using LLama.Native;
using Microsoft.ML;
using MLNet.Dpo.Generation;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Tests.Generation;
using TorchSharp;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>llama.cpp computes what the model does, from the file that was written of it.</summary>
public sealed class GgufOracleTests
{
    private const int Seed = 7;

    private static string TinyChat => Path.Combine(Fixtures.Root, "samples", "models", "tiny-chat");

    [LlamaCppTheory]
    [InlineData("llama", null)]
    [InlineData("smollm", null)]
    [InlineData("llama-tied-rope3", null)]
    [InlineData("llama", """{"rope_parameters":{"rope_type":"linear","factor":4.0,"rope_theta":10000.0}}""")]
    [InlineData("llama", """{"rope_parameters":{"rope_type":"yarn","factor":4.0,"rope_theta":10000.0,"original_max_position_embeddings":64}}""")]
    [InlineData("mistral", """{"sliding_window":null}""")]
    [InlineData("qwen2", null)]
    [InlineData("qwen3", null)]
    [InlineData("gemma2", """{"query_pre_attn_scalar":24}""")]
    [InlineData("gemma3_text", """{"query_pre_attn_scalar":24,"sliding_window_pattern":6,"layer_types":["sliding_attention","sliding_attention","sliding_attention"]}""")]
    [InlineData("phi3", null)]
    [InlineData("phi3", """{"rope_parameters":{"rope_type":"default","rope_theta":10000.0,"partial_rotary_factor":0.75}}""")]
    [InlineData("phi3", """{"max_position_embeddings":1024,"original_max_position_embeddings":512,"rope_parameters":{"rope_type":"longrope","rope_theta":10000.0,"short_factor":[1,1.1,1.2,1.3,1.4,1.5,1.6,1.7],"long_factor":[2,2.1,2.2,2.3,2.4,2.5,2.6,2.7]}}""")]
    public void SaveGguf_Float32_LogitsAreThoseOfLlamaCpp(string family, string? changes)
    {
        using var folder = new TemporaryFolder();
        using var model = Load(Changed(Fixtures.PathTo("models", family), changes, folder.Path));
        var path = Path.Combine(folder.Path, "m.gguf");
        model.SaveGguf(path, GgufPrecision.Float32);
        var random = new Random(Seed);
        int[] tokens = [.. Enumerable.Range(0, 120).Select(_ => random.Next(3, 1000))];
        using var llama = new LlamaCpp(path);
        var (theirs, ours) = (llama.Logits(tokens), Logits(model, tokens));
        var most = theirs.Zip(ours, (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max()).Max();
        using var read = new MLContext(1).Preferences.LoadPretrained(path).LastTransformer;
        Assert.True(Logits(read, tokens).Zip(ours, (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Max()).Max() < 1e-5, "the file reads back as another model");
        // llama.cpp looks Gemma's GELU up in a table of float16.
        var tolerance = family.StartsWith("gemma", StringComparison.Ordinal) ? 1e-2 : 1e-4;
        Assert.True(most < tolerance, $"logits differ by {most}");
    }

    [LlamaCppTheory]
    [InlineData(true, GgufPrecision.Float32)]
    [InlineData(true, GgufPrecision.Float16)]
    [InlineData(false, GgufPrecision.Float32)]
    [InlineData(false, GgufPrecision.Float16)]
    public void SaveGguf_TrainedModel_GreedyTokensAreThoseOfLlamaCpp(bool chat, GgufPrecision precision)
    {
        if (!chat && !Directory.Exists(Stories)) return;
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "m.gguf");
        using var model = Trained(chat);
        model.SaveGguf(path, precision);
        using var llama = new LlamaCpp(path);
        List<int> tokens = [.. chat ? llama.Encode("<|im_start|>user\nwhat is your name?<|im_end|>\n<|im_start|>assistant\n") : [1]];
        var prompt = tokens.Count;
        for (var i = 0; i < 64; i++) tokens.Add(Best(llama.Logits(tokens)[^1]).Id);
        // Each token of llama.cpp's answer is the best of this model too, wherever the best two are apart.
        var ours = Logits(model, [.. tokens]);
        for (var i = prompt; i < tokens.Count; i++)
        {
            var (id, margin) = Best(ours[i - 1]);
            Assert.True(id == tokens[i] || margin <= 0.05, $"token {i - prompt} is {id} here, {tokens[i]} there, {margin} ahead of the next");
        }
    }

    [LlamaCppTheory]
    [InlineData(true)]
    [InlineData(false)]
    public void SaveGguf_Q8_LogpsAreNearThoseOfTheModel(bool chat)
    {
        if (!chat && !Directory.Exists(Stories)) return;
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "m.gguf");
        using var model = Trained(chat);
        model.SaveGguf(path, GgufPrecision.Q8_0);
        using var llama = new LlamaCpp(path);
        double sum = 0;
        var count = 0;
        foreach (var (tokens, start) in Sample(model, chat, 1000))
        {
            var (ours, theirs) = (Logits(model, tokens), llama.Logits(tokens));
            for (var i = start; i < tokens.Length; i++) sum += Math.Abs(Logp(ours[i - 1], tokens[i]) - Logp(theirs[i - 1], tokens[i]));
            count += tokens.Length - start;
        }
        Assert.True(sum / count <= 0.02, $"the mean difference of logps is {sum / count}");
    }

    [LlamaCppTheory]
    [InlineData(LLamaFtype.MOSTLY_F16)]
    [InlineData(LLamaFtype.MOSTLY_Q8_0)]
    [InlineData(LLamaFtype.MOSTLY_Q4_0)]
    [InlineData(LLamaFtype.MOSTLY_Q4_K_M)]
    [InlineData(LLamaFtype.MOSTLY_Q5_K_M)]
    [InlineData(LLamaFtype.MOSTLY_Q6_K)]
    public void LoadPretrained_GgufThatLlamaCppQuantized_LogitsAreNearIts(LLamaFtype type)
    {
        using var folder = new TemporaryFolder();
        var (whole, path) = (Path.Combine(folder.Path, "whole.gguf"), Path.Combine(folder.Path, "m.gguf"));
        var config = JsonNode.Parse("""{"model_type":"llama","vocab_size":1024,"hidden_size":256,"intermediate_size":512,"num_hidden_layers":2,"num_attention_heads":4,"num_key_value_heads":2,"initializer_range":0.08}""")!.AsObject();
        var ml = new MLContext(1);
        ml.Preferences.CreateModelFolder(Path.Combine(folder.Path, "fresh"), config, Fixtures.TinyChatml, seed: 3);
        using (var fresh = ml.Preferences.LoadPretrained(Path.Combine(folder.Path, "fresh")).LastTransformer) fresh.SaveGguf(whole, GgufPrecision.Float32);
        Assert.True(LLamaQuantizer.Quantize(whole, path, type, nthread: 1, allowRequantize: true, quantizeOutputTensor: true));
        using var llama = new LlamaCpp(path);
        using var model = ml.Preferences.LoadPretrained(path).LastTransformer;
        int[] tokens = [.. Enumerable.Range(0, 60).Select(i => 3 + (i * 7 % 1000))];
        var (theirs, ours) = (llama.Logits(tokens), Logits(model, tokens));
        var spread = ours.SelectMany(row => row).Max(Math.Abs);
        // llama.cpp rounds activations to 8 bits beside quantised weights.
        var mean = theirs.Zip(ours, (a, b) => a.Zip(b, (x, y) => Math.Abs(x - y)).Average()).Average();
        Assert.True(mean < 0.01 * spread, $"logits differ by {mean} on average, of {spread}");
    }

    private static string Stories => SharedData.PathTo("fixtures/models/stories260K");

    private static CausalLMTransformer Trained(bool chat) => new MLContext(1).Preferences.LoadPretrained(chat ? TinyChat : Stories).LastTransformer;

    // What the model says of itself, from different beginnings.
    private static IEnumerable<(int[] Tokens, int Start)> Sample(CausalLMTransformer model, bool chat, int count)
    {
        string[] questions = ["hi!", "hello", "what is your name?", "How do I sleep better?", "tell me a joke", "good morning", "How can I learn faster?", "thanks", "who are you?", "How do I make tea?"];
        var generator = new TokenGenerator(model.Model.Network, new GenerationOptions { MaxNewTokens = 100 }, chat ? [2] : []);
        for (var (done, i) = (0, 0); done < count; i++)
        {
            var question = questions[i % questions.Length] + (i < questions.Length ? "" : " " + questions[i / questions.Length]);
            int[] start = chat ? ((HuggingFaceTokenizer)model.Tokenizer).Encode($"<|im_start|>user\n{question}<|im_end|>\n<|im_start|>assistant\n") : [1, 400 + i];
            var answer = generator.Ids([start])[0];
            done += answer.Length;
            yield return ([.. start, .. answer], start.Length);
        }
    }

    private static double Logp(float[] logits, int target)
    {
        double most = logits.Max();
        return logits[target] - most - Math.Log(logits.Sum(logit => Math.Exp(logit - most)));
    }

    private static (int Id, float Margin) Best(float[] logits)
    {
        var ids = Enumerable.Range(0, logits.Length).OrderByDescending(id => logits[id]).Take(2).ToArray();
        return (ids[0], logits[ids[0]] - logits[ids[1]]);
    }

    private static CausalLMTransformer Load(string folder) => new MLContext(1).Preferences.LoadPretrained(folder, tokenizer: Fixtures.TinyChatml).LastTransformer;

    private static string Changed(string folder, string? changes, string target)
    {
        if (changes is null) return folder;
        var config = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "config.json")))!.AsObject();
        foreach (var (key, value) in JsonNode.Parse(changes)!.AsObject()) config[key] = value?.DeepClone();
        var copy = Directory.CreateDirectory(Path.Combine(target, "changed")).FullName;
        File.Copy(Path.Combine(folder, "model.safetensors"), Path.Combine(copy, "model.safetensors"));
        File.WriteAllText(Path.Combine(copy, "config.json"), config.ToJsonString());
        return copy;
    }

    private static float[][] Logits(CausalLMTransformer model, int[] tokens)
    {
        using var noGrad = torch.no_grad();
        using var scope = torch.NewDisposeScope();
        var network = model.Model.Network;
        using var batch = new PackedBatch([new TokenGroup(tokens, [])], network);
        var logits = network.Head.Logits(network.Forward(batch.Tokens, batch.Positions, batch.Pattern)).to(torch.float32);
        var all = logits.data<float>().ToArray();
        return [.. all.Chunk((int)logits.shape[1])];
    }
}
