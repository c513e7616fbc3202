using System.Text.Json.Nodes;
using MLNet.Dpo.Text;

namespace MLNet.Dpo.Sampling;

/// <summary>The answers of a sampling: those that its file holds, and those that come. Answers may be added from several threads.</summary>
internal sealed class SampleStore : IDisposable
{
    private const string Kind = "mlnet-dpo-samples";

    private readonly object _lock = new();
    private readonly string _path;
    private readonly SortedDictionary<int, SamplePrompt> _prompts = []; // by number: a file may have no answer to one before others
    private readonly Dictionary<string, string> _settings = [];
    private readonly Dictionary<(int Prompt, string Source, int Sample), string> _answers = [];
    private readonly HashSet<(int Prompt, string Response)> _said = [];
    private SampleFile? _file;

    private SampleStore(string? path) => _path = path ?? "";

    /// <summary>The seed: the file's, where it was begun with one.</summary>
    public int Seed { get; private set; }

    /// <summary>Whether a torn line was cut from the file.</summary>
    public bool WasTorn { get; private set; }

    private int? SamplesPerPrompt { get; set; }

    /// <summary>How many answers of some sources are there.</summary>
    public int CountOf(IReadOnlySet<string> sources)
    {
        lock (_lock) return _answers.Keys.Count(key => sources.Contains(key.Source));
    }

    /// <summary>Opens the options' file, or a store in memory, for a sampling.</summary>
    /// <exception cref="PreferenceDataException">The file is of something else, or damaged.</exception>
    /// <exception cref="ArgumentException">The file was begun with other prompts or settings.</exception>
    public static SampleStore Open(SamplingOptions options, IReadOnlyList<SamplePrompt> prompts)
    {
        var store = new SampleStore(options.Path);
        try
        {
            if (options.Path is { } path) (store._file, store.WasTorn) = SampleFile.Open(path, store.ReadLine);
            store.Begin(options, prompts);
            return store;
        }
        catch
        {
            store.Dispose();
            throw;
        }
    }

    /// <summary>Reads a file that nobody need be done with.</summary>
    /// <exception cref="PreferenceDataException">It is of something else, or damaged.</exception>
    public static IReadOnlyList<PromptSamples> Read(string path)
    {
        if (!File.Exists(path)) throw PreferenceDataException.InFile(path, "does not exist; expected a file that ml.Preferences.Sample wrote");
        using var store = new SampleStore(path);
        var text = ReadableFile.ReadAllBytes(path);
        SampleFile.ReadLines(path, text, store.ReadLine);
        if (store.SamplesPerPrompt is null) throw PreferenceDataException.InFile(path, "holds no samples; expected a file that ml.Preferences.Sample wrote");
        return store.Results([.. store._settings.Keys]);
    }

    /// <summary>Notes a source, once.</summary>
    /// <exception cref="ArgumentException">The file has answers of a source of this name with other settings.</exception>
    public void Begin(SampleSource source)
    {
        var settings = _file is null ? "" : source.Settings;
        if (_settings.TryAdd(source.Name, settings)) Add(new JsonObject { ["source"] = source.Name, ["settings"] = settings });
        else if (_settings[source.Name] != settings)
        {
            throw new ArgumentException(
                $"'{_path}' has answers of '{source.Name}' with other settings ({_settings[source.Name]}); now they are {settings}: give the same, another name, or another file.");
        }
    }

    /// <summary>Whether an answer is not there yet.</summary>
    public bool IsMissing(int prompt, string source, int sample)
    {
        lock (_lock) return !_answers.ContainsKey((prompt, source, sample));
    }

    /// <summary>Keeps an answer.</summary>
    public void Add(string source, SampledAnswer answer)
    {
        lock (_lock)
        {
            if (!_answers.TryAdd((answer.Prompt, source, answer.Sample), answer.Response))
                throw new InvalidOperationException($"The source '{source}' gave answer {answer.Sample + 1} of prompt {answer.Prompt + 1} twice; it must answer what is missing, once.");
            var prompt = _prompts[answer.Prompt];
            var line = new JsonObject { ["number"] = answer.Prompt + 1 };
            if (prompt.Messages.Length > 0) line["messages"] = prompt.Messages;
            else line["prompt"] = prompt.Prompt;
            line["source"] = source;
            line["sample"] = answer.Sample + 1;
            line["response"] = answer.Response;
            line["duplicate"] = !_said.Add((answer.Prompt, answer.Response));
            Add(line);
        }
    }

    /// <summary>The answers of each prompt: by source, then by sample.</summary>
    public IReadOnlyList<PromptSamples> Results(IReadOnlyList<string> sources)
    {
        lock (_lock)
        {
            var order = sources.Index().ToDictionary(s => s.Item, s => s.Index);
            var all = _answers.Where(a => order.ContainsKey(a.Key.Source)).ToLookup(a => a.Key.Prompt);
            return
            [
                .. _prompts.Where(p => all[p.Key].Any()).Select(p =>
                {
                    var answers = all[p.Key].OrderBy(a => order[a.Key.Source]).ThenBy(a => a.Key.Sample).ToList();
                    return new PromptSamples(p.Value.Prompt, p.Value.Messages, [.. answers.Select(a => a.Value)]) { Sources = [.. answers.Select(a => a.Key.Source)] };
                }),
            ];
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file?.Dispose();

    private void Begin(SamplingOptions options, IReadOnlyList<SamplePrompt> prompts)
    {
        foreach (var (i, answered) in _prompts)
        {
            if (i >= prompts.Count || prompts[i] != answered)
                throw new ArgumentException($"'{_path}' has answers to another prompt {i + 1} ({Shown(answered)}) than is given ({(i < prompts.Count ? Shown(prompts[i]) : "none")}); give the same prompts in the same order, further ones at the end, or another file.");
        }
        for (var i = 0; i < prompts.Count; i++) _prompts[i] = prompts[i];
        if (SamplesPerPrompt is null)
        {
            (SamplesPerPrompt, Seed) = (options.SamplesPerPrompt, options.Seed ?? Random.Shared.Next());
            Add(new JsonObject { ["kind"] = Kind, ["samples_per_prompt"] = options.SamplesPerPrompt, ["seed"] = Seed });
        }
        if (SamplesPerPrompt != options.SamplesPerPrompt)
            throw new ArgumentException($"'{_path}' was begun with {SamplesPerPrompt} samples a prompt; now they are {options.SamplesPerPrompt}: give the same, or another file.");
        if (options.Seed is { } seed && seed != Seed)
            throw new ArgumentException($"'{_path}' was begun with the seed {Seed}; now it is {seed}: give the same or none, or another file.");
    }

    private void ReadLine(JsonObject line, int number)
    {
        try
        {
            if (SamplesPerPrompt is null) ReadHead(line);
            else if (line.ContainsKey("settings")) _settings.Add((string)line["source"]!, (string)line["settings"]!);
            else ReadAnswer(line);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or NullReferenceException or OverflowException)
        {
            throw new PreferenceDataException($"'{_path}', line {number}: the line is not one that ml.Preferences.Sample wrote{(number == 1 ? ", and neither is the file; give another file" : "; remove it, or give another file")}", e) { File = _path, Line = number };
        }
    }

    private void ReadHead(JsonObject line)
    {
        if ((string?)line["kind"] != Kind) throw new FormatException();
        (SamplesPerPrompt, Seed) = ((int)line["samples_per_prompt"]!, (int)line["seed"]!);
    }

    private void ReadAnswer(JsonObject line)
    {
        var (prompt, source, sample, response) = ((int)line["number"]! - 1, (string)line["source"]!, (int)line["sample"]! - 1, (string)line["response"]!);
        if (prompt < 0 || sample < 0 || sample >= SamplesPerPrompt || !_settings.ContainsKey(source) || response is null) throw new FormatException();
        var asked = new SamplePrompt((string?)line["prompt"] ?? "", (string?)line["messages"] ?? "");
        if (!_prompts.TryAdd(prompt, asked) && _prompts[prompt] != asked) throw new FormatException();
        _answers.Add((prompt, source, sample), response);
        _said.Add((prompt, response));
    }

    private void Add(JsonObject line) => _file?.Add(line);

    private static string Shown(SamplePrompt prompt)
    {
        var text = (prompt.Messages.Length > 0 ? prompt.Messages : prompt.Prompt).ReplaceLineEndings(" ");
        return text.Length > 60 ? text[..60] + "..." : text;
    }
}
