namespace MLNet.Dpo.Training;

/// <summary>The learning rate of every step: a straight rise over the warm-up, then the scheduler's curve.</summary>
internal sealed record LearningRateSchedule(LearningRateScheduler Scheduler, double Peak, int WarmupSteps, int TotalSteps)
{
    /// <summary>The rate of a step, counted from 0; with a warm-up the first step's rate is 0, as in transformers.</summary>
    internal double At(int step)
    {
        if (step < WarmupSteps) return Peak * step / Math.Max(1, WarmupSteps);
        var progress = (double)(step - WarmupSteps) / Math.Max(1, TotalSteps - WarmupSteps);
        return Peak * Scheduler switch
        {
            LearningRateScheduler.Linear => Math.Max(0, 1 - progress),
            LearningRateScheduler.Cosine => Math.Max(0, 0.5 * (1 + Math.Cos(Math.PI * progress))),
            _ => 1,
        };
    }
}
