using System.Diagnostics;

namespace MLNet.Dpo.Tests.Samples;

/// <summary>A program of samples/, run as its user would.</summary>
internal static class SampleProgram
{
    public static (int ExitCode, string Output, string Error) Run(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments.Prepend(Path.Combine(AppContext.BaseDirectory, name + ".dll"))) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result.TrimEnd());
    }
}
