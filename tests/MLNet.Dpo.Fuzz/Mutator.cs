using System.Text;

namespace MLNet.Dpo.Fuzz;

/// <summary>Damages files: the same seed gives the same mutant, on every machine.</summary>
internal static class Mutator
{
    private static readonly string[] Pieces =
    [
        "{{", "}}", "{%", "%}", "(", ")", "[", "]", "|", "~", "**", "''", " if ", " not ", "none", "loop", "messages", "\\ud800", "null", "{}", "[]", "true", "\"", "\0", ":", ",", ".", "\n",
        "\"\\ud800\"", "\"x\"", "-1", "0", "1e999", "2147483648", "9223372036854775807", "999999999", "\uFEFF", "\u00ff",
    ];

    /// <summary>One to three changes: a byte or bit, a stretch left out, doubled or moved, a piece of syntax put in, a number replaced, a length field made huge, or the end cut.</summary>
    public static byte[] Mutate(byte[] original, int seed)
    {
        var random = new Random(seed);
        var bytes = new List<byte>(original);
        for (var changes = random.Next(1, 4); changes > 0 && bytes.Count > 1; changes--)
            Change(bytes, random);
        return [.. bytes];
    }

    private static void Change(List<byte> bytes, Random random)
    {
        // Half of the changes fall into the first 512 bytes, where files have their headers.
        var at = random.Next(random.Next(2) == 0 ? Math.Min(512, bytes.Count) : bytes.Count);
        var length = Math.Min(random.Next(1, 20), bytes.Count - at);
        switch (random.Next(9))
        {
            case 0: bytes[at] = (byte)random.Next(256); break;
            case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
            case 2: bytes.RemoveRange(at, length); break;
            case 3: bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length)); break;
            case 4: bytes.InsertRange(at, Piece(random)); break;
            case 5:
                bytes.RemoveRange(at, length);
                bytes.InsertRange(at, Piece(random));
                break;
            case 6: ReplaceNumber(bytes, at, random); break;
            case 7: Overwrite(bytes, at, random); break;
            default: bytes.RemoveRange(at, bytes.Count - at); break;
        }
    }

    private static byte[] Piece(Random random) => Encoding.UTF8.GetBytes(Pieces[random.Next(Pieces.Length)]);

    private static void ReplaceNumber(List<byte> bytes, int at, Random random)
    {
        var digit = bytes.FindIndex(at, b => b is >= (byte)'0' and <= (byte)'9');
        if (digit < 0) return;
        var end = digit;
        while (end < bytes.Count && bytes[end] is >= (byte)'0' and <= (byte)'9') end++;
        bytes.RemoveRange(digit, end - digit);
        bytes.InsertRange(digit, Piece(random));
    }

    private static void Overwrite(List<byte> bytes, int at, Random random)
    {
        byte[][] fields = [[0xff, 0xff, 0xff, 0x7f], [0xff, 0xff, 0xff, 0xff], [0x9a, 0xff, 0xff, 0x7f], [0, 0, 0, 0x80], [0, 0, 0, 0], [0xff, 0xff, 0xff, 0xff, 0x07]];
        var field = fields[random.Next(fields.Length)];
        for (var i = 0; i < field.Length && at + i < bytes.Count; i++) bytes[at + i] = field[i];
    }
}
