using Microsoft.ML.Runtime;
using MLNet.Dpo.Files;
using MLNet.Dpo.Saving;
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
    /// Writes a Hugging Face model folder (config.json, model.safetensors, the tokenizer's files where it was read from such) with the adapter merged into the weights.
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
            if (_model.Network.IsRounded && dtype == ScalarType.Float32)
            {
                using var channel = _host.Start("Saving");
                channel.Warning(MessageSensitivity.None, "The base's weights were rounded to bfloat16 when they were loaded, so those in {0} are too; for unrounded ones load the base and its adapter with Precision.Float32, and save again.", folder);
            }
            using var active = _adapters.Activate(out _);
            AtomicFolder.Write(folder, temporary =>
            {
                ModelFolder.Save(_model.Network, temporary, dtype);
                ChatTokenizer.SaveFiles(temporary);
            });
        }
    }
}
