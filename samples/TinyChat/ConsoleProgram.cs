using System.CommandLine;
using MLNet.Dpo;

namespace TinyChat;

/// <summary>How the samples' programs run: Ctrl-C stops cleanly with exit code 130, an error of the user ends as one line on stderr with exit code 1.</summary>
public static class ConsoleProgram
{
    private const int Failed = 1;
    private const int Interrupted = 130;

    /// <summary>Parses <paramref name="arguments"/> and runs the command; a second Ctrl-C ends the process at once.</summary>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(RootCommand root, string[] arguments)
    {
        ArgumentNullException.ThrowIfNull(root);
        using var stop = new CancellationTokenSource();
        void OnCancelKey(object? sender, ConsoleCancelEventArgs e)
        {
            e.Cancel = !stop.IsCancellationRequested;
            stop.Cancel();
        }
        Console.CancelKeyPress += OnCancelKey;
        try
        {
            return await root.Parse(arguments).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }, stop.Token);
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("Stopped.");
            return Interrupted;
        }
        catch (Exception error) when (IsUserError(error))
        {
            Console.Error.WriteLine($"error: {error.Message.ReplaceLineEndings(" ")}");
            return Failed;
        }
        finally
        {
            Console.CancelKeyPress -= OnCancelKey;
        }
    }

    /// <summary>Wrong options, unusable files and data, a full disk; anything else is a defect and deserves its stack trace.</summary>
    private static bool IsUserError(Exception error) =>
        error is ArgumentException or IOException or InvalidDataException or FormatException or InvalidOperationException or UnauthorizedAccessException
            or NotSupportedException or ArithmeticException or ChatTemplateException;
}
