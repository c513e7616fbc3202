using System.Globalization;

namespace MLNet.Dpo.Benchmarks;

/// <summary>The command line.</summary>
internal sealed class Options
{
    private const int QuickSteps = 2;
    private const int FullSteps = 12;
    private int? _steps;

    /// <summary>2 pairs a repetition instead of 12: under 3 minutes on two cores.</summary>
    public bool Quick { get; private set; }

    /// <summary>Timed pairs a repetition.</summary>
    public int Steps => _steps ?? (Quick ? QuickSteps : FullSteps);

    /// <summary>How often each side runs; medians are reported. Default 3.</summary>
    public int Repetitions { get; private set; } = 3;

    public int Threads { get; private set; } = Environment.ProcessorCount;

    /// <summary>ShareGPT preference pairs. Default: the shared data folder beside the repository.</summary>
    public string Data { get; private set; } = DefaultData();

    /// <summary>The interpreter that has PyTorch; Debian's python3-torch belongs to the system's own.</summary>
    public string Python { get; private set; } = "/usr/bin/python3";

    /// <summary>The folder of rows and model for the product's side; null: this process is not that side.</summary>
    public string? Ours { get; private set; }

    /// <summary>What the product computes in: float32, or bfloat16 where the processor has it.</summary>
    public Precision Precision { get; private set; } = Precision.Float32;

    /// <summary>The single measurement that this process makes for the product; null: none.</summary>
    public string? Case { get; private set; }

    /// <summary>The same for the peer on TorchSharp.</summary>
    public string? TorchSharp { get; private set; }

    public static Options Parse(string[] args)
    {
        var options = new Options();
        for (var i = 0; i < args.Length; i++)
        {
            string Value() => ++i < args.Length ? args[i] : throw new ArgumentException($"{args[i - 1]} needs a value.");
            switch (args[i])
            {
                case "--quick": options.Quick = true; break;
                case "--steps": options._steps = Positive(args[i], Value()); break;
                case "--repetitions": options.Repetitions = Positive(args[i], Value()); break;
                case "--threads": options.Threads = Positive(args[i], Value()); break;
                case "--data": options.Data = Value(); break;
                case "--python": options.Python = Value(); break;
                case "--ours": options.Ours = Value(); break;
                case "--precision": options.Precision = Enum.TryParse<Precision>(Value(), ignoreCase: true, out var precision) ? precision : throw new ArgumentException($"--precision is '{args[i]}': give float32 or bfloat16."); break;
                case "--case": options.Case = Value(); break;
                case "--torchsharp": options.TorchSharp = Value(); break;
                default: throw new ArgumentException($"Unknown option '{args[i]}': known are --quick, --steps N, --repetitions N, --threads N, --data FILE, --python PATH, --ours FOLDER, --torchsharp FOLDER, --precision float32|bfloat16, --case NAME.");
            }
        }
        return options;
    }

    private static int Positive(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new ArgumentException($"{name} is '{value}': give a whole number above 0.");

    private static string DefaultData()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MLNet.Dpo.sln")))
                return Path.GetFullPath(Path.Combine(folder.FullName, "..", "shared", "data", "dpo_en_demo.json"));
        }
        return "dpo_en_demo.json";
    }
}
