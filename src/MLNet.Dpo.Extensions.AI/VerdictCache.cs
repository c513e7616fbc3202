using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace MLNet.Dpo.ExtensionsAI;

/// <summary>Verdicts by what was asked, in memory and, with a path, a line each in a file that grows as they come.</summary>
internal sealed class VerdictCache
{
    private readonly ConcurrentDictionary<string, Verdict> _verdicts = new();
    private readonly string? _path;
    private readonly Lock _lock = new();

    /// <exception cref="IOException">The file cannot be read.</exception>
    internal VerdictCache(string? path)
    {
        _path = path;
        if (path is null || !File.Exists(path)) return;
        foreach (var line in File.ReadLines(path)) Read(line);
        EndLine(path);
    }

    internal bool TryGet(string key, out Verdict verdict) => _verdicts.TryGetValue(key, out verdict);

    internal void Add(string key, Verdict verdict)
    {
        _verdicts[key] = verdict;
        if (_path is null) return;
        lock (_lock)
        {
            File.AppendAllText(_path, $"{{\"key\":\"{key}\",\"verdict\":\"{verdict}\"}}\n");
        }
    }

    /// <summary>What tells two questions apart: the model and every message that it is sent.</summary>
    internal static string Key(string? modelId, IEnumerable<ChatMessage> messages)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        Append(modelId ?? "");
        foreach (var message in messages)
        {
            Append(message.Role.Value);
            Append(message.Text);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private void Read(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            var root = document.RootElement;
            if (root.ValueKind == JsonValueKind.Object && root.TryGetProperty("key", out var key) && root.TryGetProperty("verdict", out var verdict) && key.GetString() is { } question && Enum.TryParse<Verdict>(verdict.GetString(), out var known))
                _verdicts[question] = known;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // A line that was torn when the process was killed: it is asked again.
        }
    }

    // A torn last line must not swallow the next verdict.
    private static void EndLine(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        if (file.Length == 0) return;
        file.Seek(-1, SeekOrigin.End);
        if (file.ReadByte() != '\n') file.WriteByte((byte)'\n');
    }
}
