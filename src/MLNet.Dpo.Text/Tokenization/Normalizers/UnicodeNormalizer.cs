using System.Text;
using MLNet.Dpo.Text.Tokenization.Unicode;

namespace MLNet.Dpo.Text.Tokenization.Normalizers;

/// <summary>The normalization forms of Unicode (UAX 15): NFC, NFD, NFKC, NFKD.</summary>
internal sealed class UnicodeNormalizer(NormalizationForm form) : ITextNormalizer
{
    private readonly bool _compose = form is NormalizationForm.FormC or NormalizationForm.FormKC;
    private readonly bool _compatibility = form is NormalizationForm.FormKC or NormalizationForm.FormKD;

    public Piece Normalize(Piece piece, bool track)
    {
        // Below U+00A0 no form changes anything; plain ASCII never loads the table.
        if (!piece.Span.ContainsAnyExceptInRange('\0', '\u009F') || !MayChange(piece.Span))
            return piece;

        var output = new PieceBuilder(piece, track);
        var characters = Decompose(piece);
        Order(characters);
        if (_compose)
            Compose(characters);
        Span<char> units = stackalloc char[2];
        foreach (var character in characters)
            output.Append(units[..new Rune(character.CodePoint).EncodeToUtf16(units)], character.Start, character.End - character.Start);
        return output.Build();
    }

    private bool MayChange(ReadOnlySpan<char> text)
    {
        var table = DecompositionTable.Shared;
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune.Value >= 0xA0 && table.MayChange(rune.Value, _compose, _compatibility))
                return true;
        }
        return false;
    }

    private List<Character> Decompose(Piece piece)
    {
        var table = DecompositionTable.Shared;
        var characters = new List<Character>(piece.Length);
        var parts = new List<int>();
        for (int i = 0; i < piece.Length;)
        {
            var rune = UnicodeClasses.RuneAt(piece.Span, i, out int length);
            parts.Clear();
            table.Decompose(rune.Value, _compatibility, parts);
            foreach (int part in parts)
                characters.Add(new Character(part, table.ClassOf(part), i, i + length));
            i += length;
        }
        return characters;
    }

    /// <summary>Sorts each run of marks by combining class, keeping the order of equals.</summary>
    private static void Order(List<Character> characters)
    {
        for (int i = 1; i < characters.Count; i++)
        {
            var moving = characters[i];
            int at = i;
            for (; moving.Class != 0 && at > 0 && characters[at - 1].Class > moving.Class; at--)
                characters[at] = characters[at - 1];
            characters[at] = moving;
        }
    }

    /// <summary>Joins each mark to the last starter, unless another mark of the same or a higher class lies between.</summary>
    private static void Compose(List<Character> characters)
    {
        var table = DecompositionTable.Shared;
        int starter = -1, kept = 0, lastClass = -1;
        foreach (var character in characters.ToArray())
        {
            if (starter >= 0 && lastClass < character.Class && table.TryCompose(characters[starter].CodePoint, character.CodePoint, out int composed))
            {
                var first = characters[starter];
                characters[starter] = new Character(composed, 0, Math.Min(first.Start, character.Start), Math.Max(first.End, character.End));
                continue;
            }
            if (character.Class == 0)
            {
                starter = kept;
                lastClass = -1;
            }
            else
            {
                lastClass = character.Class;
            }
            characters[kept++] = character;
        }
        characters.RemoveRange(kept, characters.Count - kept);
    }

    private readonly record struct Character(int CodePoint, byte Class, int Start, int End);
}
