using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using MLNet.Dpo.Data;
using MLNet.Dpo.Data.Records;
using Parquet;

namespace MLNet.Dpo.Parquet;

/// <summary>Reads the rows of a Parquet file as JSON records. One row group is in memory.</summary>
internal sealed class ParquetRecordReader : IRecordReader
{
    private readonly string _file;
    private readonly Stream _stream;
    private readonly ParquetReader _reader;
    private RowGroup? _group;
    private int _nextGroup;
    private long _count;

    /// <summary>Opens a file.</summary>
    /// <exception cref="PreferenceDataException">It cannot be read, or is no Parquet file.</exception>
    public ParquetRecordReader(PreferenceFile file)
    {
        _file = file.Name;
        _stream = file.OpenText();
        try
        {
            _reader = Guarded(() =>
            {
                CheckMarks();
                ParquetMetadata.CheckFooter(_stream);
                return Await(() => ParquetReader.CreateAsync(_stream, leaveStreamOpen: true));
            });
        }
        catch
        {
            _stream.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public bool TryRead([NotNullWhen(true)] out JsonRecord? record)
    {
        record = null;
        while (_group is null || _group.IsAtEnd)
        {
            if (_nextGroup == _reader.RowGroupCount)
                return false;
            _group = Guarded(() =>
            {
                ParquetMetadata.CheckPages(_stream, _reader.Metadata!.RowGroups[_nextGroup]);
                return Await(() => RowGroup.ReadAsync(_reader, _nextGroup));
            });
            _nextGroup++;
        }
        var group = _group;
        var json = Guarded(() => JsonText.Write(group.WriteNext));
        record = new JsonRecord(_file, ++_count, line: null, JsonDocument.Parse(json));
        return true;
    }

    /// <summary>False: what cannot be read is the file, not a record.</summary>
    public bool TrySkip(PreferenceDataException error) => false;

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader.DisposeAsync().AsTask().GetAwaiter().GetResult();
        _stream.Dispose();
    }

    private void CheckMarks()
    {
        Span<byte> mark = stackalloc byte[4];
        if (!_stream.CanSeek || _stream.Length < 12 || _stream.ReadAtLeast(mark, 4, throwOnEndOfStream: false) < 4 || !mark.SequenceEqual("PAR1"u8))
            throw PreferenceDataException.InFile(_file, "is no Parquet file; expected one that begins and ends with PAR1 (JSON, JSONL, CSV and TSV are read with ml.Preferences.Load)");
        _stream.Seek(-4, SeekOrigin.End);
        if (_stream.ReadAtLeast(mark, 4, throwOnEndOfStream: false) < 4 || !mark.SequenceEqual("PAR1"u8))
            throw PreferenceDataException.InFile(_file, "begins as a Parquet file and does not end as one (truncated?); expected PAR1 at its end");
        _stream.Seek(0, SeekOrigin.Begin);
    }

    /// <summary>Cursors are read step by step, so the file's reader is waited for.</summary>
    private static T Await<T>(Func<Task<T>> read) => Task.Run(read).GetAwaiter().GetResult();

    /// <summary>Whatever the file's reader throws at damaged bytes is the file's fault.</summary>
    private T Guarded<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception e) when (e is not PreferenceDataException)
        {
            throw PreferenceDataException.InFile(_file, $"cannot be read as Parquet: {e.GetBaseException().Message.ReplaceLineEndings(" ")}", e);
        }
    }
}
