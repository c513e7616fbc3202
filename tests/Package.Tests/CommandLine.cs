using System.Diagnostics;
using System.Text;

namespace MLNet.Dpo.Package.Tests;

/// <summary>Runs commands as a user would.</summary>
internal static class CommandLine
{
    /// <summary>Only a guard against a command that never ends, such as a restore from a feed that does not answer.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(8);

    /// <summary>Runs <c>dotnet</c> in a folder and gives what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed, or did not end; the message has its output.</exception>
    public static Task<string> Dotnet(string folder, params string[] arguments) =>
        Run(folder, Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", arguments);

    /// <summary>Runs a program in a folder and gives what it printed.</summary>
    /// <exception cref="InvalidOperationException">It failed, or did not end; the message has its output.</exception>
    public static async Task<string> Run(string folder, string program, params string[] arguments)
    {
        var output = new StringBuilder();
        using var process = new Process { StartInfo = StartInfo(folder, program, arguments) };
        process.OutputDataReceived += (_, line) => Append(output, line.Data);
        process.ErrorDataReceived += (_, line) => Append(output, line.Data);
        process.Start();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw Failure($"did not end within {Limit.TotalMinutes} minutes", process, output);
        }
        return process.ExitCode == 0 ? Text(output) : throw Failure($"ended with {process.ExitCode}", process, output);
    }

    private static ProcessStartInfo StartInfo(string folder, string program, string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // What the test host's own MSBuild says about itself is not for the one that starts here.
        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToList())
            start.Environment.Remove(name);
        start.Environment["MSBUILDDISABLENODEREUSE"] = "1"; // a node that stays would hold the output's pipe open
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        return start;
    }

    private static InvalidOperationException Failure(string what, Process process, StringBuilder output)
    {
        var text = Text(output);
        var advice = text.Contains("NU1301") ? "a package source cannot be reached, and these tests restore from the machine's sources as a user does: " : "";
        return new InvalidOperationException($"{advice}{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} {what}:\n{text}");
    }

    private static void Append(StringBuilder output, string? line)
    {
        if (line is null) return;
        lock (output) output.AppendLine(line);
    }

    private static string Text(StringBuilder output)
    {
        lock (output) return output.ToString();
    }
}
