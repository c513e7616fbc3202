
namespace MLNet.Dpo.Fuzz;

/// <summary>One way in which the library reads a file, and what it may answer to a damaged one.</summary>
/// <param name="Name">What is damaged.</param>
/// <param name="FileName">The damaged file's name in its folder.</param>
/// <param name="Original">The undamaged file.</param>
/// <param name="Read">Reads the folder that holds the file, with all that belongs to it.</param>
internal sealed record Reader(string Name, string FileName, Func<byte[]> Original, Action<string> Read)
{
    private readonly Lazy<byte[]> _original = new(Original);

    /// <summary>Puts the files beside it into a folder; once a folder.</summary>
    public Action<string> Prepare { get; init; } = _ => { };

    /// <summary>Makes a damaged file; files that are packed are damaged inside.</summary>
    public Func<byte[], int, byte[]> Damage { get; init; } = Mutator.Mutate;

    /// <summary>Whether the reader is never stopped by its file: it is passed over, or computed anew.</summary>
    public bool NeverFails { get; init; }

    /// <summary>Whether it may also say, in an <see cref="ArgumentException"/>, that the file is of something else than is asked for.</summary>
    public bool MayBeOfAnother { get; init; }

    /// <summary>A damaged file, always the same for an index.</summary>
    public byte[] Mutant(int index) => Damage(_original.Value, Seed(index));

    /// <summary>Why an exception is none of those that callers are promised; null where it is.</summary>
    public string? WhyUndocumented(Exception error) => error switch
    {
        _ when NeverFails => "this file must not stop anything",
        ArgumentException when MayBeOfAnother && error.Message.Contains(FileName, StringComparison.Ordinal) => null,
        not (InvalidDataException or NotSupportedException or PreferenceDataException or ChatTemplateException or IOException) => "undocumented kind",
        { Message: var text } when text.Length == 0 || text.Contains('\n') => "not one line",
        ChatTemplateException => null,
        { Message: var text } when !text.Contains(FileName, StringComparison.Ordinal) && !text.Contains("mlnet-dpo-", StringComparison.Ordinal) => "the file is not named",
        _ => null,
    };

    // string.GetHashCode differs from process to process.
    private int Seed(int index) => (int)(Name.Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u) ^ (uint)(index * 7919));
}
