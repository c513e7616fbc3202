using MLNet.Dpo.Tests.Training;

namespace MLNet.Dpo.Tests;

/// <summary>What a test starts as another process: this very assembly with a command.</summary>
internal static class Program
{
    internal static int Main(string[] arguments)
    {
        switch (arguments)
        {
            case [ChildTraining.Train, var folder]:
                ChildTraining.RunTraining(folder);
                return 0;
            case [ChildTraining.Hold, var folder]:
                ChildTraining.RunHolding(folder);
                return 0;
            case [ChildTraining.Sweep, var folder]:
                ChildTraining.RunSweep(folder);
                return 0;
            default:
                Console.Error.WriteLine("The tests run under dotnet test.");
                return 1;
        }
    }
}
