using System.Diagnostics;
using System.Reflection;

namespace QuickStart;

/// <summary>Starts this program again, to show that the saved model is all that is needed.</summary>
internal static class SecondProcess
{
    /// <summary>Runs <c>--consume <paramref name="modelPath"/> <paramref name="prompts"/></c> and returns what it printed, line by line.</summary>
    /// <exception cref="InvalidOperationException">It failed; the message is its last line of error output.</exception>
    public static IReadOnlyList<string> Consume(string modelPath, IEnumerable<string> prompts)
    {
        var self = Environment.ProcessPath ?? throw new InvalidOperationException("This program's own path is unknown, so it cannot be started a second time.");
        var start = new ProcessStartInfo(self) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (Path.GetFileNameWithoutExtension(self) == "dotnet")
            start.ArgumentList.Add(Assembly.GetExecutingAssembly().Location);
        foreach (var argument in (IEnumerable<string>)["--consume", modelPath, .. prompts])
            start.ArgumentList.Add(argument);

        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{self} could not be started a second time.");
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The second process ended with {process.ExitCode}: {errors.Result.TrimEnd().Split('\n')[^1]}");
        return output.TrimEnd().Split('\n');
    }
}
