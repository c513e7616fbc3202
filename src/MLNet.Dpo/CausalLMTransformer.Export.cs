using Microsoft.ML.Runtime;
using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Gguf;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Saving.Gguf;
using static TorchSharp.torch;

namespace MLNet.Dpo;

public sealed partial class CausalLMTransformer
{
    /// <summary>Writes the LoRA adapter that is active here as PEFT does: adapter_config.json and adapter_model.safetensors. An old adapter there stays whole if writing fails.</summary>
    /// <param name="folder">Made when it is missing; its parent must exist.</param>
    /// <exception cref="NotSupportedException">The model has no adapter.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void SaveAdapter(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        lock (_lock)
        {
            ThrowIfDisposed();
            using var active = _adapters.Activate(out var config);
            if (config is not { } adapter)
                throw new NotSupportedException("The model has no LoRA adapter: all its weights were trained, or none; use SaveModelFolder.");
            AtomicFolder.Write(folder, temporary => AdapterFolder.Save(_model.Network, adapter, temporary, _model.BasePath));
        }
    }

    /// <summary>
    /// Writes a Hugging Face model folder (config.json, model.safetensors, the tokenizer's files where it was read from such, a model card that tells of the training where it is known) with the adapter merged into the weights.
    /// An old folder there stays whole if writing fails.
    /// </summary>
    /// <param name="folder">Made when it is missing; its parent must exist.</param>
    /// <param name="dtype">Float32 or BFloat16, which halves the size.</param>
    /// <exception cref="ArgumentException">Another type is asked for.</exception>
    /// <exception cref="IOException">The folder cannot be written.</exception>
    public void SaveModelFolder(string folder, ScalarType dtype = ScalarType.Float32)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        if (dtype is not (ScalarType.Float32 or ScalarType.BFloat16)) throw new ArgumentException($"dtype is {dtype}; allowed: Float32, BFloat16.", nameof(dtype));
        lock (_lock)
        {
            ThrowIfDisposed();
            if (dtype == ScalarType.Float32) WarnOfRounding(folder);
            using var active = _adapters.Activate(out var adapter);
            AtomicFolder.Write(folder, temporary =>
            {
                ModelFolder.Save(_model.Network, temporary, dtype);
                ModelCard.Write(temporary, Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder))), _model, adapter, Training);
                ChatTokenizer.SaveFiles(temporary);
            });
        }
    }

    /// <summary>
    /// Writes one GGUF file for llama.cpp and what is built on it (Ollama, LM Studio, LLamaSharp), with the adapter merged into the weights, tokenizer and chat template inside.
    /// An old file there stays whole if writing fails.
    /// </summary>
    /// <param name="path">The file, usually named <c>.gguf</c>; its folder must exist.</param>
    /// <param name="precision">How matrices are stored.</param>
    /// <exception cref="ArgumentException">Another precision is asked for.</exception>
    /// <exception cref="InvalidDataException">A weight is beyond the range of <see cref="GgufPrecision.Float16"/>.</exception>
    /// <exception cref="NotSupportedException">The model's family, one of its settings or its tokenizer has no form in GGUF that llama.cpp computes alike; the message names it.</exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <example><code>
    /// ml.Preferences.FindModel(chain).SaveGguf("tuned.gguf", GgufPrecision.Q8_0);
    /// </code></example>
    public void SaveGguf(string path, GgufPrecision precision = GgufPrecision.Float16)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var type = precision switch
        {
            GgufPrecision.Float32 => GgufType.F32,
            GgufPrecision.Float16 => GgufType.F16,
            GgufPrecision.BFloat16 => GgufType.BF16,
            GgufPrecision.Q8_0 => GgufType.Q8_0,
            _ => throw new ArgumentException($"precision is {precision}; allowed: {string.Join(", ", Enum.GetNames<GgufPrecision>())}.", nameof(precision)),
        };
        if (Tokenizer is not HuggingFaceTokenizer tokenizer)
            throw new NotSupportedException($"The tokenizer is a {Tokenizer.GetType().Name}, which has no form in GGUF; give the model a HuggingFaceTokenizer (a folder with tokenizer.json).");
        lock (_lock)
        {
            ThrowIfDisposed();
            if (precision != GgufPrecision.BFloat16) WarnOfRounding(path);
            using var active = _adapters.Activate(out _);
            GgufExport.Save(_model.Network, tokenizer, path, type);
        }
    }

    private void WarnOfRounding(string path)
    {
        if (!_model.Network.IsRounded) return;
        using var channel = _host.Start("Saving");
        channel.Warning(MessageSensitivity.None, "The base's weights were rounded to bfloat16 when they were loaded, so those in {0} are too; for unrounded ones load the base and its adapter with Precision.Float32, and save again.", path);
    }
}
