using System.Diagnostics;
using Microsoft.ML;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Generation;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Inspection;

/// <summary>Loads a model folder and measures what it takes.</summary>
internal static class ModelMeasure
{
    private const int Tokens = 32;
    private static readonly int LoraRank = new LoraOptions().Rank;
    private const int MicroBatchTokens = 2048;

    // An AdamW step keeps a weight, its gradient and two moments in float32; beside them, where the model computes in another type, the copies that it runs on.
    private const long TrainedBytes = 16;

    /// <summary>Describes a folder's model.</summary>
    internal static ModelDescription Of(string folder, IDataView? data, string device, CancellationToken cancellation)
    {
        var chat = new ChatTokenizer(ModelTokenizer.Load(folder));
        var place = DeviceChoice.Resolve(device);
        using var model = ModelFolder.Load(folder, place, ModelFolder.DtypeOf(folder, Precision.Auto, place));
        var (frozen, copies) = model.Dtype == ScalarType.Float32 ? (4L, 0L) : (2L, 2L); // bytes a weight
        var parameters = model.Parameters.Values.Sum(weight => weight.numel());
        var adapter = model.Projections.Sum(projection => LoraRank * (projection.InFeatures + projection.OutFeatures));
        var context = model.Config.MaxPositionEmbeddings;
        int? tooLong = null;
        var rows = 0;
        if (data is not null) (tooLong, rows) = TooLong(data, chat, context, cancellation);
        return new ModelDescription(folder, model.Config.ModelType, parameters, context, chat.ChatTemplate is not null, Speed(model, cancellation),
            (frozen * parameters) + (TrainedBytes * adapter) + (frozen * KeptNumbers(model.Config)), ((TrainedBytes + copies) * parameters) + (frozen * KeptNumbers(model.Config)), tooLong)
        {
            RuledOut = tooLong > 0.01 * rows,
        };
    }

    // What a layer keeps of a token until the backward pass: inputs and outputs of its norms and projections.
    private static long KeptNumbers(DecoderConfig config) =>
        (long)MicroBatchTokens * config.NumHiddenLayers * ((10L * config.HiddenSize) + (4L * config.IntermediateSize));

    private static double Speed(CausalLM model, CancellationToken cancellation)
    {
        using var threads = CpuThreads.Use(0, model);
        var length = Math.Max(1, Math.Min(Tokens, (model.Config.MaxPositionEmbeddings / 2) - 1));
        int[] prompt = [.. Enumerable.Range(0, length).Select(i => i % model.Config.VocabSize)];
        var generator = new TokenGenerator(model, new GenerationOptions { MaxNewTokens = length }, []);
        var fastest = double.MaxValue;
        // The first run also warms up.
        for (var run = 0; run < 3; run++)
        {
            var clock = Stopwatch.StartNew();
            _ = generator.Generate([new NumberedPrompt(prompt, 0)], 1, cancellation.ThrowIfCancellationRequested).Count;
            fastest = Math.Min(fastest, clock.Elapsed.TotalSeconds);
        }
        return length / fastest;
    }

    private static (int TooLong, int Rows) TooLong(IDataView data, ChatTokenizer chat, int context, CancellationToken cancellation)
    {
        var templated = chat.ChatTemplate is not null;
        var read = InspectedData.Read(data, new RowTokenizer(new PreferenceTokenizer(chat, templated), chat, templated), cancellation);
        return (read.Rows.Count(row => row.Tokens.PromptTokens.Length + row.Tokens.ResponseTokens.Select(tokens => tokens.Length).DefaultIfEmpty(0).Max() > context), read.Rows.Count);
    }
}
