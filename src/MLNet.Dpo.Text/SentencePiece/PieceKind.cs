namespace MLNet.Dpo.Text.SentencePiece;

/// <summary>How a piece of a SentencePiece vocabulary is used.</summary>
internal enum PieceKind
{
    /// <summary>A piece of text.</summary>
    Normal = 1,

    /// <summary>What stands for unknown characters.</summary>
    Unknown = 2,

    /// <summary>A token that no text has, such as bos.</summary>
    Control = 3,

    /// <summary>A text that is always one token.</summary>
    UserDefined = 4,

    /// <summary>A piece that is not used.</summary>
    Unused = 5,

    /// <summary>A byte, spelled &lt;0x41&gt;.</summary>
    Byte = 6,
}
