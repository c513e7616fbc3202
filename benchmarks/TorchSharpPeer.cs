using System.Diagnostics;
using MLNet.Dpo.Files.Safetensors;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace MLNet.Dpo.Benchmarks;

/// <summary>
/// The second peer: the steps of peer/trl_like_dpo.py written plainly on TorchSharp, so that it stands on the same libtorch as the product. Chosen and rejected are concatenated along
/// the batch and padded to the longer one; the reference is the network with its adapters off; logits are taken at all positions, log_softmax and gather in float32; sigmoid loss;
/// gradients clipped to norm 1; AdamW. Of the product it uses only the reading of weights.
/// </summary>
internal static class TorchSharpPeer
{
    private const double Beta = 0.1;
    private const double LearningRate = 5e-5;
    private const long PadId = 0;

    /// <summary>One pair a step; reference and training are timed apart, the first row warms up.</summary>
    public static Measurement Measure(string folder, IReadOnlyList<PairTokens> rows, int threads)
    {
        using var model = Load(folder); // first: the product's assembly finds libtorch
        set_num_threads(threads);
        Parameter[] parameters = [.. model.parameters().Where(p => p.requires_grad)];
        using var optimizer = optim.AdamW(parameters, LearningRate, weight_decay: 0);
        var (reference, training, losses) = (TimeSpan.Zero, TimeSpan.Zero, new List<double>());
        foreach (var row in rows)
        {
            using var scope = NewDisposeScope();
            var (ids, completion) = Collate(row);
            var clock = Stopwatch.StartNew();
            var referenceLogps = ReferenceLogps(model, ids, completion);
            var referenceTime = clock.Elapsed;
            losses.Add(TrainStep(model, optimizer, parameters, ids, completion, referenceLogps));
            if (losses.Count == 1) continue;
            reference += referenceTime;
            training += clock.Elapsed - referenceTime;
        }
        var name = $"TorchSharp {typeof(torch).Assembly.GetName().Version!.ToString(3)}";
        return new Measurement(name, training.TotalSeconds, reference.TotalSeconds, ChildRun.PeakMb(), [.. losses]);
    }

    private static TorchSharpDecoder Load(string folder)
    {
        using var weights = SafetensorsCheckpoint.Open(BenchmarkModel.BaseFolder(folder));
        using var adapter = SafetensorsCheckpoint.Open(BenchmarkModel.AdapterWeights(folder));
        return new TorchSharpDecoder(weights, adapter);
    }

    /// <summary>[chosen; rejected], right-padded: ids and a mask that is 1 on completion tokens, both [2, T].</summary>
    private static (Tensor Ids, Tensor Completion) Collate(PairTokens row)
    {
        int[][] responses = [row.Chosen, row.Rejected];
        var longest = row.Prompt.Length + responses.Max(r => r.Length);
        var (ids, completion) = (new long[2, longest], new float[2, longest]);
        for (var i = 0; i < responses.Length; i++)
        {
            for (var t = 0; t < longest; t++)
            {
                var place = t - row.Prompt.Length;
                ids[i, t] = place < 0 ? row.Prompt[t] : place < responses[i].Length ? responses[i][place] : PadId;
                completion[i, t] = place >= 0 && place < responses[i].Length ? 1 : 0;
            }
        }
        return (tensor(ids), tensor(completion));
    }

    /// <summary>Summed log-probability of each completion, [2].</summary>
    private static Tensor SequenceLogps(TorchSharpDecoder model, Tensor ids, Tensor completion, bool adapters)
    {
        using var scope = NewDisposeScope();
        var length = ids.shape[1];
        var logits = model.forward(ids, adapters).narrow(1, 0, length - 1);
        var targets = ids.narrow(1, 1, length - 1).unsqueeze(-1);
        var logps = nn.functional.log_softmax(logits, -1).gather(-1, targets).squeeze(-1);
        return (logps * completion.narrow(1, 1, length - 1)).sum(-1).MoveToOuterDisposeScope();
    }

    private static Tensor ReferenceLogps(TorchSharpDecoder model, Tensor ids, Tensor completion)
    {
        using var noGrad = no_grad();
        return SequenceLogps(model, ids, completion, adapters: false);
    }

    private static double TrainStep(TorchSharpDecoder model, optim.Optimizer optimizer, Parameter[] parameters, Tensor ids, Tensor completion, Tensor reference)
    {
        var rewards = SequenceLogps(model, ids, completion, adapters: true) - reference;
        var loss = -nn.functional.logsigmoid(Beta * (rewards[0] - rewards[1]));
        loss.backward();
        nn.utils.clip_grad_norm_(parameters, 1);
        optimizer.step();
        optimizer.zero_grad();
        return loss.item<float>();
    }
}
