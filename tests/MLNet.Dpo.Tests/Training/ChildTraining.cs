using System.Diagnostics;
using Microsoft.ML;
using MLNet.Dpo.Tests.Experiments;
using MLNet.Dpo.Training;

namespace MLNet.Dpo.Tests.Training;

/// <summary>A training in a process of its own, which says a line at each step and waits for an answer before it goes on; it can be killed wherever it is.</summary>
internal sealed class ChildTraining : IDisposable
{
    internal const string Train = "train", Hold = "hold", Sweep = "sweep";
    private readonly Process _process;

    /// <summary>Starts it.</summary>
    internal ChildTraining(string command, string folder)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (var argument in new[] { "exec", Path.Combine(AppContext.BaseDirectory, "MLNet.Dpo.Tests.dll"), command, folder }) start.ArgumentList.Add(argument);
        start.Environment["DOTNET_TieredPGO"] = "0"; // it lives too short to profit
        _process = Process.Start(start)!;
    }

    /// <summary>The next thing that it says; null at its end.</summary>
    internal string? Next() => _process.StandardOutput.ReadLine();

    /// <summary>Lets it go on.</summary>
    internal void GoOn()
    {
        _process.StandardInput.WriteLine();
        _process.StandardInput.Flush();
    }

    /// <summary>Waits for its own end.</summary>
    internal int ExitCode()
    {
        _process.WaitForExit();
        return _process.ExitCode;
    }

    /// <summary>Ends it at once, without a last word.</summary>
    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    /// <summary>Takes a run's folder until it is told to go on.</summary>
    internal static void RunHolding(string folder)
    {
        using var taken = RunFolder.Open(folder);
        Console.WriteLine(Hold);
        Console.ReadLine();
    }

    /// <summary>Begins the run, or goes on with it.</summary>
    internal static void RunTraining(string folder)
    {
        Console.WriteLine(Train);
        TinyTraining.Train(o =>
        {
            Settings(o, folder);
            if (RunFolder.CheckpointsIn(folder).Count > 0) o.ResumeFromCheckpoint = TrainingOptions.LatestCheckpoint;
            o.Progress = new Asking();
        });
    }

    /// <summary>Begins the sweep, or goes on with it.</summary>
    internal static void RunSweep(string folder)
    {
        Console.WriteLine(Sweep);
        TinyRuns.Sweep(new MLContext(seed: 1), folder, new Asking());
    }

    /// <summary>A run that is long enough to be killed often.</summary>
    internal static void Settings(DpoTrainer.Options options, string folder) =>
        (options.OutputDirectory, options.SaveSteps, options.MaxSteps, options.Scheduler) = (folder, 1, 24, LearningRateScheduler.Cosine);

    private sealed class Asking : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value)
        {
            Console.WriteLine(value.Step);
            if (Console.ReadLine() is null) Environment.Exit(3); // whoever started it is gone
        }
    }
}
