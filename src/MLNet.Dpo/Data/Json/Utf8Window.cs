namespace MLNet.Dpo.Data.Json;

/// <summary>
/// The part of a stream that is being looked at: a buffer that holds what has been read and not yet consumed, and grows when a single
/// record is longer than it.
/// </summary>
internal sealed class Utf8Window(Stream stream, string file) : IDisposable
{
    /// <summary>Longest record in bytes: far above any real one, so that a file that never ends a record does not fill the memory.</summary>
    public const int MaxRecordLength = 1 << 28;

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;

    /// <summary>What has been read and not consumed.</summary>
    public ReadOnlySpan<byte> Unread => _buffer.AsSpan(_start, _end - _start);

    /// <summary>Whether <see cref="Unread"/> goes to the end of the stream.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>The place of the first unread byte.</summary>
    public TextPosition Position { get; private set; } = TextPosition.Start;

    /// <summary>Goes on by <paramref name="count"/> bytes.</summary>
    public void Consume(int count)
    {
        Position = Position.After(Unread[..count]);
        _start += count;
    }

    /// <summary>Goes on without counting: for a byte order mark, which is no character.</summary>
    public void SkipMark(int count) => _start += count;

    /// <summary>Reads until at least <paramref name="count"/> bytes are unread, or the stream ends.</summary>
    public void Fill(int count)
    {
        if (_buffer.Length - _start < count)
            MakeRoom(count);
        while (!AtEnd && _end - _start < count)
        {
            var read = Read(_buffer.AsSpan(_end));
            _end += read;
            AtEnd = read == 0;
        }
    }

    /// <summary>Skips white space as JSON has it, and gives the next byte without consuming it; -1 at the end.</summary>
    public int PeekToken()
    {
        while (true)
        {
            var skip = Unread.IndexOfAnyExcept(" \t\r\n"u8);
            if (skip >= 0)
            {
                Consume(skip);
                return _buffer[_start];
            }
            Consume(Unread.Length);
            if (AtEnd)
                return -1;
            Fill(1);
        }
    }

    /// <summary>The byte <paramref name="at"/> places on, without consuming it; -1 behind the end.</summary>
    public int Peek(int at = 0)
    {
        if (_end - _start <= at)
            Fill(at + 1);
        return at < _end - _start ? _buffer[_start + at] : -1;
    }

    /// <summary>Goes to the beginning of the next line, or to the end.</summary>
    public void SkipLine()
    {
        while (true)
        {
            var end = Unread.IndexOf((byte)'\n');
            Consume(end < 0 ? Unread.Length : end + 1);
            if (end >= 0 || AtEnd)
                return;
            Fill(1);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => stream.Dispose();

    private void MakeRoom(int count)
    {
        var unread = Unread;
        var target = count > _buffer.Length ? new byte[Math.Max(count, (int)Math.Min(2L * _buffer.Length, MaxRecordLength))] : _buffer;
        unread.CopyTo(target);
        (_buffer, _start, _end) = (target, 0, unread.Length);
    }

    private int Read(Span<byte> destination)
    {
        try
        {
            return stream.Read(destination);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException)
        {
            throw PreferenceDataException.InFile(file, $"cannot be read: {e.Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
