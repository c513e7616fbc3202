namespace MLNet.Dpo;

/// <summary>What a fresh adapter's matrices are, PEFT's <c>init_lora_weights</c>. Whatever it is, the model before the first step is the base.</summary>
public enum LoraInitialization
{
    /// <summary>A uniform in ±1/√in, B zero (PEFT's <c>true</c>).</summary>
    Kaiming,

    /// <summary>A normal with a deviation of 1 / rank, B zero (<c>gaussian</c>).</summary>
    Gaussian,

    /// <summary>The weight's greatest singular values with their vectors (PiSSA, arXiv 2404.02948; <c>pissa</c>). The adapter is saved as a LoRA of twice the rank, which fits the original base.</summary>
    Pissa,

    /// <summary>The beginning of the weight's QR decomposition (OLoRA, arXiv 2406.01775; <c>olora</c>). The adapter is saved as a LoRA of twice the rank, which fits the original base.</summary>
    Olora,
}
