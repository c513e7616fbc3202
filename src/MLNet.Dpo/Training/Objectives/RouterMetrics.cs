using MLNet.Dpo.Packing;

namespace MLNet.Dpo.Training.Objectives;

/// <summary>The routers' auxiliary loss among a step's metrics, as TRL has it: <c>aux_loss</c> is the loss itself, <c>loss</c> has it times its coefficient.</summary>
internal static class RouterMetrics
{
    internal static Dictionary<string, double> Add(RouterBalance? balance, Dictionary<string, double> metrics)
    {
        if (balance is null) return metrics;
        metrics["loss"] = metrics.GetValueOrDefault("loss") + balance.Loss;
        metrics["aux_loss"] = balance.Value;
        return metrics;
    }
}
