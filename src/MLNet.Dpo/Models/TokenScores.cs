using static TorchSharp.torch;

namespace MLNet.Dpo.Models;

/// <summary>What the head says about each scored row, copied to managed memory; only the gradient stays a tensor.</summary>
internal sealed class TokenScores(int count)
{
    /// <summary>Number of scored rows.</summary>
    internal int Count { get; } = count;

    /// <summary>Log-probability of each row's target token.</summary>
    internal float[] Logps { get; } = new float[count];

    /// <summary>Entropy of each row's distribution, in nats.</summary>
    internal float[] Entropies { get; } = new float[count];

    /// <summary>Mean of each row's logits over the vocabulary.</summary>
    internal float[] MeanLogits { get; } = new float[count];

    /// <summary>1 where the target is the most probable token (the earliest of equals), else 0.</summary>
    internal float[] IsTop1 { get; } = new float[count];

    /// <summary>[rows, hidden]: the derivative of each target's log-probability with respect to its hidden state; null when it was not asked for.</summary>
    internal Tensor? HiddenGradient { get; set; }

    internal void Put(float[] destination, int start, Tensor values) =>
        values.to(float32, CPU).contiguous().data<float>().ToArray().CopyTo(destination, start);
}
