using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training.Reference;

/// <summary>
/// What the reference's log-probabilities depend on, down to the last bit, as one SHA-256: the weights as they lie in memory with the reference
/// adapters, the token ids that the model runs, how they are split, the device, and the code. Beta, learning rate, loss and scores are not among it.
/// </summary>
internal static class ReferenceFingerprint
{
    /// <summary>The fingerprint in hexadecimal. It reads every weight once: about 0.6 s for 500 MB where the processor has SHA instructions, less than the reference takes for one pair.</summary>
    /// <param name="model">Before its first training step.</param>
    /// <param name="rows">All rows, tokenised and cut, in the order in which the reference runs them.</param>
    /// <param name="maxTokens">The budget of <see cref="MicroBatches.Split"/>; sums of another shape round otherwise.</param>
    internal static string Of(CausalLM model, IReadOnlyList<TokenGroup> rows, int maxTokens)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var weights = model.Parameters.Concat(AdapterFolder.Tensors(model, p => p.ReferenceAdapter));
        SafetensorsWriter.Write(new HashStream(hash), weights.Select(w => TensorSafetensors.Source(w.Key, w.Value)), Settings(model, maxTokens));
        foreach (var row in rows)
        {
            Append(hash, [row.Responses.Length]);
            foreach (var ids in row.Responses.Prepend(row.Prompt))
            {
                Append(hash, [ids.Length]);
                Append(hash, ids);
            }
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // A module's version id is another one after every change of its code.
    private static Dictionary<string, string> Settings(CausalLM model, int maxTokens)
    {
        var settings = new Dictionary<string, string>
        {
            ["config"] = model.Config.Source.ToJsonString(),
            ["dtype"] = string.Join(' ', model.Parameters.Values.Select(p => p.dtype).Distinct()),
            ["device"] = model.Device.ToString(),
            ["threads"] = get_num_threads().ToString(CultureInfo.InvariantCulture),
            ["max_tokens"] = maxTokens.ToString(CultureInfo.InvariantCulture),
            ["code"] = $"{typeof(CausalLM).Module.ModuleVersionId} {typeof(Tensor).Module.ModuleVersionId}",
        };
        foreach (var projection in model.Projections.Where(p => p.ReferenceAdapter is not null))
            settings[projection.Name + ".adapter"] = projection.ReferenceAdapter!.Settings;
        return settings;
    }

    private static void Append(IncrementalHash hash, ReadOnlySpan<int> values) => hash.AppendData(MemoryMarshal.AsBytes(values));

    private sealed class HashStream(IncrementalHash hash) : WriteOnlyStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => hash.AppendData(buffer);
    }
}
