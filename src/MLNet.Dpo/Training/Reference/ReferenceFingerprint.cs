using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using MLNet.Dpo.Models;
using MLNet.Dpo.Packing;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training.Reference;

/// <summary>
/// What the reference's log-probabilities depend on, down to the last bit, as one SHA-256: the weights as they lie in memory with the reference
/// adapters, the token ids that the model runs, how they are split, the device, what is computed in, and the code. Beta, learning rate, loss and scores are not among it.
/// </summary>
internal static class ReferenceFingerprint
{
    /// <summary>The fingerprint in hexadecimal.</summary>
    /// <param name="model">Before its first training step.</param>
    /// <param name="baseFingerprint">Its <see cref="ModelFingerprint.OfBase"/>.</param>
    /// <param name="rows">All rows, tokenised and cut, in the order in which the reference runs them.</param>
    /// <param name="maxTokens">The budget of <see cref="MicroBatches.Split"/>; sums of another shape round otherwise.</param>
    internal static string Of(CausalLM model, string baseFingerprint, IReadOnlyList<TokenGroup> rows, int maxTokens)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var setting in Settings(model, baseFingerprint, maxTokens)) hash.AppendData(Encoding.UTF8.GetBytes(setting + "\n"));
        foreach (var row in rows)
        {
            Append(hash, [row.Responses.Length]);
            foreach (var ids in row.Responses.Prepend(row.Prompt))
            {
                Append(hash, [ids.Length]);
                Append(hash, ids);
            }
            if (row.PromptStarts is { } starts) Append(hash, starts);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // A module's version id is another one after every change of its code.
    private static string[] Settings(CausalLM model, string baseFingerprint, int maxTokens) =>
    [
        baseFingerprint,
        ModelFingerprint.OfReferenceAdapter(model) ?? "no adapter",
        model.Device.ToString(),
        model.Dtype.ToString(),
        get_num_threads().ToString(CultureInfo.InvariantCulture),
        maxTokens.ToString(CultureInfo.InvariantCulture),
        $"{typeof(CausalLM).Module.ModuleVersionId} {typeof(Tensor).Module.ModuleVersionId}",
    ];

    private static void Append(IncrementalHash hash, ReadOnlySpan<int> values) => hash.AppendData(MemoryMarshal.AsBytes(values));
}
