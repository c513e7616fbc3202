using MLNet.Dpo.Data.Json;

namespace MLNet.Dpo;

/// <summary>
/// Preference data that cannot be used: a file that is missing, unreadable, empty or not JSON, or a record that is not what its format asks for.
/// The message is one line: where, what was given, what was expected, how to fix it.
/// </summary>
public sealed class PreferenceDataException : FormatException
{
    /// <summary>An error with a message of one line.</summary>
    public PreferenceDataException(string message)
        : base(message)
    {
    }

    /// <summary>An error with a message of one line and what caused it.</summary>
    public PreferenceDataException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>The message without the place.</summary>
    internal string Reason { get => field ?? Message; private init; }

    /// <summary>The file's path or name, null when the error is of no single file.</summary>
    public string? File { get; init; }

    /// <summary>The record's number in its file, from 1; null when the error is of no single record.</summary>
    public long? Record { get; init; }

    /// <summary>The line in the file, from 1: of the error in malformed JSON, otherwise the line that the record begins on; null where the file has no lines.</summary>
    public long? Line { get; init; }

    /// <summary>The character in the line, from 1, for malformed JSON; otherwise null.</summary>
    public long? Column { get; init; }

    /// <summary>A file that cannot be used as a whole.</summary>
    internal static PreferenceDataException InFile(string file, string what, Exception? inner = null) =>
        new($"'{file}' {OneLine(what)}", inner) { File = file, Reason = OneLine(what) };

    /// <summary>A place in a file's text.</summary>
    internal static PreferenceDataException AtPosition(string file, TextPosition position, string what, Exception? inner = null) =>
        new($"'{file}', line {position.Line}, column {position.Column}: {OneLine(what)}", inner) { File = file, Line = position.Line, Column = position.Column, Reason = OneLine(what) };

    /// <summary>A record that is JSON, but not preference data.</summary>
    internal static PreferenceDataException InRecord(string file, long record, long? line, string what, Exception? inner = null) =>
        new($"{PlaceOf(file, record, line)}: {OneLine(what)}", inner) { File = file, Record = record, Line = line, Reason = OneLine(what) };

    // Keys and values that are quoted may have line breaks.
    private static string OneLine(string text) => text.ReplaceLineEndings(" ");

    /// <summary>A record's place, as errors say it.</summary>
    internal static string PlaceOf(string file, long record, long? line) => line is null ? $"'{file}', record {record}" : $"'{file}', record {record}, line {line}";
}
