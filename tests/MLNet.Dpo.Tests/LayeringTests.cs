using System.Text.RegularExpressions;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>
/// A folder of src is a room, and a room leans only on those that stand before it: no file names a type that a higher room, or one beside it, declares.
/// </summary>
public sealed partial class LayeringTests
{
    // From the lowest to the highest; rooms on one line do not know each other. A folder that is not listed belongs to the room that it lies in.
    private static readonly string[][] Order =
    [
        ["Text/Tokenization", "Text/ChatTemplates/Jinja"],
        ["Text/ChatTemplates"],
        ["Text"],
        ["Arithmetic"],
        ["Checks", "Files", "Losses", "Statistics"],
        ["Files/Safetensors", "Files/Gguf", "Native", "Data", "Schemas"],
        ["Models", "Reporting"],
        ["Adapters", "Packing"],
        ["Saving"],
        ["DataViews"],
        ["Training", "Generation"],
        ["Evaluation", "Sampling", "Labeling"],
        ["Inspection", "Experiments"],
        [""],
    ];

    private static readonly Dictionary<string, int> Rank = Order.SelectMany((rooms, rank) => rooms.Select(room => (room, rank))).ToDictionary(r => r.room, r => r.rank);

    [Fact]
    public void Types_AreUsedByHigherRooms()
    {
        var sources = Sources().ToList();
        var rooms = sources.SelectMany(s => Declarations().Matches(s.Text).Select(m => (Name: m.Groups[1].Value, s.Room))).ToLookup(t => t.Name, t => t.Room);
        Assert.NotEmpty(rooms["DpoTrainer"]);
        Assert.Empty(sources.SelectMany(source => Names(source.Text)
            .Where(name => rooms[name].Distinct().Count() == 1 && !MayLean(source.Room, rooms[name].First()))
            .Select(name => $"{source.Path} uses {name} of {rooms[name].First()}")));
    }

    // The names in a source that may be types declared elsewhere.
    private static IEnumerable<string> Names(string text)
    {
        var code = EnumBodies().Replace(Texts().Replace(Comments().Replace(text, ""), ""), "");
        var own = OwnDeclarations().Matches(code).Select(m => m.Groups[1].Value).ToHashSet();
        return Words().Matches(code).Select(m => m.Value).Distinct().Where(word => !own.Contains(word));
    }

    private static bool MayLean(string from, string on) => from == on || Rank[on] < Rank[from];

    private static IEnumerable<Source> Sources()
    {
        foreach (var (folder, prefix) in new[] { ("src/MLNet.Dpo", ""), ("src/MLNet.Dpo.Text", "Text") })
        {
            var root = Path.Combine(Fixtures.Root, folder);
            foreach (var file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
            {
                var inside = Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace('\\', '/');
                if (inside.Split('/')[0] is "bin" or "obj") continue;
                yield return new Source(Path.GetRelativePath(Fixtures.Root, file), Room($"{prefix}/{(inside == "." ? "" : inside)}".Trim('/')), File.ReadAllText(file));
            }
        }
    }

    // The listed room that a folder is, or lies in.
    private static string Room(string folder)
    {
        for (var room = folder; room.Length > 0; room = room.LastIndexOf('/') is var cut && cut >= 0 ? room[..cut] : "")
        {
            if (Rank.ContainsKey(room)) return room;
        }
        return folder.Length == 0 ? "" : throw new InvalidOperationException($"src has a folder {folder} that the order of rooms does not list; put it where it belongs.");
    }

    [GeneratedRegex(@"^(?:public|internal) (?:sealed |static |abstract |partial |readonly |unsafe |ref )*(?:class|record struct|record|struct|interface|enum) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Declarations();

    // Types, properties and constants that a source declares itself.
    [GeneratedRegex(@"(?:class|record|struct|interface|enum|const|private|protected|internal|public)(?: [\w<>\[\]?.,]+)* ([A-Z]\w*)(?= \{| =|;|\(|:)")]
    private static partial Regex OwnDeclarations();

    [GeneratedRegex(@"(?<![\w.])[A-Z]\w+")]
    private static partial Regex Words();

    [GeneratedRegex(@"//.*")]
    private static partial Regex Comments();

    [GeneratedRegex(@"""(?:\\.|[^""\\])*""")]
    private static partial Regex Texts();

    [GeneratedRegex(@"enum \w+\s*\{[^}]*\}")]
    private static partial Regex EnumBodies();

    private sealed record Source(string Path, string Room, string Text);
}
