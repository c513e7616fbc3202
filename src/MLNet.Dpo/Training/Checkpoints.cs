using System.Text.Json;
using System.Text.Json.Serialization;
using MLNet.Dpo.Files;
using MLNet.Dpo.Files.Safetensors;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Training;

/// <summary>How far a run has come.</summary>
/// <param name="Step">Optimizer steps done.</param>
/// <param name="Tokens">Tokens seen.</param>
internal sealed record RunPosition(int Step, long Tokens);

/// <summary>What must be equal for a run to go on from a checkpoint.</summary>
internal sealed record CheckpointIdentity(int Rows, int TotalSteps, int BatchSize, int Seed, double LearningRate, string Objective);

/// <summary>The content of a checkpoint's <c>trainer_state.json</c>.</summary>
internal sealed record CheckpointState(int Step, long NumTokens, CheckpointIdentity Run);

/// <summary>Serializes without reflection, which programs may have switched off, as file-based ones do.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(CheckpointState))]
internal sealed partial class CheckpointJson : JsonSerializerContext;

/// <summary>
/// Checkpoints of a run: the trained weights (a PEFT adapter folder or a model folder), the optimizer's moments and the step.
/// A checkpoint is written under a temporary name and renamed, so the last one is whole whenever the process dies.
/// </summary>
internal sealed class Checkpoints(TrainingOptions options, TrainingRun run, AdamW optimizer, CheckpointIdentity identity)
{
    private const string StateName = "trainer_state.json";
    private const string OptimizerName = "optimizer.safetensors";

    /// <summary>Writes <c>checkpoint-{step}</c> into the output directory.</summary>
    internal void Save(int step, long tokens)
    {
        Directory.CreateDirectory(options.OutputDirectory!);
        AtomicFolder.Write(Path.Combine(options.OutputDirectory!, $"checkpoint-{step}"), folder =>
        {
            if (run.Adapter is { } adapter) AdapterFolder.Save(run.Model, adapter, folder, options.BaseModel);
            else ModelFolder.Save(run.Model, folder);
            SafetensorsWriter.Write(Path.Combine(folder, OptimizerName), optimizer.Moments.Select(m => TensorSafetensors.Source(m.Key, m.Value)));
            AtomicFile.Write(Path.Combine(folder, StateName), stream => JsonSerializer.Serialize(stream, new CheckpointState(step, tokens, identity), CheckpointJson.Default.CheckpointState));
        });
    }

    /// <summary>Loads the checkpoint that the options name, if they name one.</summary>
    /// <returns>Steps done and tokens seen; 0 for a fresh run.</returns>
    internal RunPosition Resume()
    {
        if (options.ResumeFromCheckpoint is not { } folder) return new RunPosition(0, 0);
        var state = ReadState(Path.Combine(folder, StateName));
        if (state.Run != identity)
            throw new ArgumentException($"ResumeFromCheckpoint: {folder} was made with {state.Run}; this run has {identity}. Use the same data and options, or start afresh.");
        using var noGrad = no_grad();
        CopyInto(run.Parameters, Path.Combine(folder, run.Adapter is null ? "model.safetensors" : AdapterFolder.WeightsName));
        CopyInto(optimizer.Moments, Path.Combine(folder, OptimizerName));
        optimizer.StepCount = state.Step;
        return new RunPosition(state.Step, state.NumTokens);
    }

    private static CheckpointState ReadState(string path)
    {
        if (!File.Exists(path)) throw new FileNotFoundException($"{path}: no such file; ResumeFromCheckpoint needs a checkpoint-N folder of an earlier run's OutputDirectory.", path);
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(path), CheckpointJson.Default.CheckpointState) ?? throw new JsonException("null");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path}: not a trainer state; use another checkpoint.", e);
        }
    }

    private static void CopyInto(IEnumerable<KeyValuePair<string, Tensor>> tensors, string path)
    {
        if (!File.Exists(path))
            throw new FileNotFoundException($"ResumeFromCheckpoint: {path} does not exist; the checkpoint must be whole and of a run that trained the same, a LoRA adapter or all weights (Lora = null).", path);
        using var checkpoint = SafetensorsCheckpoint.Open(path);
        foreach (var (name, tensor) in tensors)
        {
            using var scope = NewDisposeScope();
            var saved = TensorSafetensors.Read(checkpoint, name, tensor.dtype, tensor.device);
            if (!saved.shape.SequenceEqual(tensor.shape))
                throw new InvalidDataException($"ResumeFromCheckpoint: {path}: {name} has shape [{string.Join(", ", saved.shape)}], this run's has [{string.Join(", ", tensor.shape)}]; use the same Lora options and base model, or start afresh.");
            tensor.copy_(saved);
        }
    }
}
