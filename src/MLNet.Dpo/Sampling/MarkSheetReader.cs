using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace MLNet.Dpo.Sampling;

/// <summary>Reads a sheet with a person's marks; whatever is neither a mark, a note nor what was written is an error with its line.</summary>
internal sealed partial class MarkSheetReader
{
    private readonly string _path;
    private readonly bool _allowEdits;
    private readonly List<Section> _question = [];
    private readonly List<Section> _answers = [];
    private int _line;
    private (int Line, string Json)? _end;

    private MarkSheetReader(string path, bool allowEdits) => (_path, _allowEdits) = (path, allowEdits);

    /// <summary>Reads a sheet.</summary>
    /// <param name="path">The file, as errors name it.</param>
    /// <param name="text">What it holds.</param>
    /// <param name="allowEdits">Whether answers may have been rewritten.</param>
    /// <exception cref="PreferenceDataException">It is not what was written, with marks.</exception>
    public static MarkedSheet Read(string path, string text, bool allowEdits) => new MarkSheetReader(path, allowEdits).Read(text);

    private MarkedSheet Read(string text)
    {
        // A line break that belongs to a text is a further line or an escape, so that those of the editor's liking may stand between lines.
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            _line++;
            ReadLine(line.Trim());
        }
        if (_end is not { } end)
            throw Error(_line, $"the file has no last line that begins with {MarkSheet.End}; it was cut, or is no file of ml.Preferences.WriteSamples: write it anew, or restore that line");
        return Checked(end.Line, end.Json);
    }

    private void ReadLine(string line)
    {
        if (line.Length == 0 || line[0] == '#') return;
        if (_end is { } end) throw Error(_line, $"there is text after the last line ({MarkSheet.End}, line {end.Line}); a note begins with #");
        if (line[0] == '|') Current().Lines.Add((_line, line[1..]));
        else if (line.StartsWith(MarkSheet.End + " {", StringComparison.Ordinal)) _end = (_line, line[MarkSheet.End.Length..]);
        else if (QuestionLine().Match(line) is { Success: true } question) BeginQuestion(question);
        else if (AnswerLine().Match(line) is { Success: true } answer) BeginAnswer(answer);
        else throw Unknown(line);
    }

    private Section Current() => _answers.LastOrDefault() ?? _question.LastOrDefault()
        ?? throw Error(_line, "a line that begins with | goes on with a text, but none has begun; expected Q: first");

    private void BeginQuestion(Match match)
    {
        if (_answers.Count > 0) throw Error(_line, $"'{match.Groups["header"].Value}' stands after the answers; a further line of an answer begins with |");
        _question.Add(new Section(_line, match.Groups["header"].Value, null, [(_line, match.Groups["text"].Value)]));
    }

    private void BeginAnswer(Match match)
    {
        var next = _answers.Count + 1;
        if (_question.Count == 0) throw Error(_line, "an answer stands before the question; expected Q: first");
        if (!int.TryParse(match.Groups["number"].ValueSpan, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            throw Error(_line, $"'A[{match.Groups["number"].Value}]' has no number; expected A[{next}]");
        if (number < next && number > 0) throw Error(_line, $"A[{number}] stands here again (first in line {_answers[number - 1].Line}); expected A[{next}]");
        if (number != next) throw Error(_line, $"A[{next}] is missing: A[{number}] follows {(next == 1 ? "the question" : $"A[{next - 1}]")}; put it back");
        _answers.Add(new Section(_line, $"A[{number}]", MarkOf(match.Groups["mark"].Value, number), [(_line, match.Groups["text"].Value)]));
    }

    // Input methods and word processors have dashes and full-width signs of their own.
    private bool? MarkOf(string mark, int number)
    {
        var signs = mark.Where(c => !char.IsWhiteSpace(c)).ToList();
        if (signs.FirstOrDefault(c => !"+＋-－–—−".Contains(c)) is var unknown and not '\0')
            throw Error(_line, $"A[{number}] has the unknown mark '{mark.Trim()}'; expected + (wanted), - (not wanted) or nothing before it");
        var wanted = signs.Select(c => c is '+' or '＋').Distinct().ToList();
        if (wanted.Count > 1) throw Error(_line, $"A[{number}] is marked both + and -; leave one of them");
        return wanted.Count == 0 ? null : wanted[0];
    }

    private PreferenceDataException Unknown(string line)
    {
        if (line.All(c => "+＋-－–—− ".Contains(c))) return Error(_line, $"the mark '{line}' stands alone; put it before its answer, as in '{line} A[1]: ...'");
        var shown = line.Length > 40 ? line[..40] + "..." : line;
        if (line.Contains("A[", StringComparison.Ordinal) && line.IndexOf("A[", StringComparison.Ordinal) < 12)
            return Error(_line, $"'{shown}' is no answer's beginning; expected a mark (+ or -) or nothing, then A[number]: with its colon");
        return Error(_line, $"'{shown}' is neither a question (Q:), an answer (A[number]:) nor the further line of a text (|); begin a note with #");
    }

    private MarkedSheet Checked(int endLine, string json)
    {
        var end = ReadEnd(endLine, json);
        if (end.Checks.Length != _answers.Count + 1)
        {
            throw Error(endLine, _answers.Count < end.Checks.Length - 1
                ? $"A[{_answers.Count + 1}] is missing: {end.Checks.Length - 1} answers were written; put it back"
                : $"A[{end.Checks.Length}] was added, and {end.Checks.Length - 1} answers were written; take it out, or rewrite one of the others instead");
        }
        var question = _question.Select(turn => new SheetTurn(turn.Header, TextOf(turn))).ToList();
        if (question.Count == 0 || MarkSheet.CheckOf(question, end.Messages) != end.Checks[0] || (end.Messages.Length == 0 && question.Count > 1))
            throw Error(_question.FirstOrDefault()?.Line ?? 1, "the question (or its part of the last line) is not as it was written; undo the change");
        var answers = _answers.Select(TextOf).ToList();
        CheckAnswers(answers, end);
        var samples = new PromptSamples(end.Messages.Length > 0 ? "" : question[0].Text, end.Messages, answers) { Sources = end.Sources };
        return new MarkedSheet(_path, new MarkSheet(end.Number, samples), [.. _answers.Select(a => a.Mark)], _question[0].Line);
    }

    private void CheckAnswers(List<string> answers, EndLine end)
    {
        for (var i = 0; i < answers.Count; i++)
        {
            if (!_allowEdits && MarkSheet.CheckOf(answers[i]) != end.Checks[i + 1])
                throw Error(_answers[i].Line, $"A[{i + 1}] is not the text that was written; undo the change, or read with allowEdits: true if it was meant (a mark goes before A[{i + 1}], not behind it)");
            var other = answers.FindIndex(0, i, text => text == answers[i]);
            if (other >= 0 && _answers[i].Mark is { } mark && answers.Index().Take(i).Any(a => a.Item == answers[i] && _answers[a.Index].Mark == !mark))
                throw Error(_answers[i].Line, $"A[{i + 1}] has the text of an earlier answer (A[{other + 1}]), and one of them is marked +, the other -; mark both alike");
        }
    }

    private EndLine ReadEnd(int line, string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            string[] Texts(string name) => root.TryGetProperty(name, out var list) ? [.. list.EnumerateArray().Select(item => item.GetString()!)] : [];
            var end = new EndLine(root.GetProperty("number").GetInt32(), Texts("checks"), root.TryGetProperty("messages", out var messages) ? messages.GetString()! : "", Texts("sources"));
            if (end.Checks.Length > 1 && (end.Sources.Length == 0 || end.Sources.Length == end.Checks.Length - 1)) return end;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw Error(line, "the last line is not as it was written; undo the change", e);
        }
        throw Error(line, "the last line is not as it was written; undo the change");
    }

    private string TextOf(Section section) => string.Join('\n', section.Lines.Select(line =>
    {
        try
        {
            return SheetText.LineOf(line.Text.StartsWith(' ') ? line.Text[1..] : line.Text);
        }
        catch (FormatException e)
        {
            throw Error(line.Line, $"{section.Header} {e.Message}", e);
        }
    }));

    private PreferenceDataException Error(int line, string what, Exception? inner = null) => new($"'{_path}', line {line}: {what}", inner) { File = _path, Line = line };

    // A role's brackets hold what MarkSheet writes there.
    [GeneratedRegex(@"^(?<header>Q(?:\[[\w.-]*\])?:)(?<text>.*)$", RegexOptions.Singleline)]
    private static partial Regex QuestionLine();

    // At most a few characters can be meant as a mark; a longer beginning is a text in the wrong place.
    [GeneratedRegex(@"^(?<mark>.{0,8}?)A\[(?<number>[^\]]*)\]:(?<text>.*)$", RegexOptions.Singleline)]
    private static partial Regex AnswerLine();

    private sealed record Section(int Line, string Header, bool? Mark, List<(int Line, string Text)> Lines);

    private sealed record EndLine(int Number, string[] Checks, string Messages, string[] Sources);
}

/// <summary>A sheet as it came back.</summary>
/// <param name="Path">Its file.</param>
/// <param name="Sheet">What it holds.</param>
/// <param name="Marks">A mark for each answer: true for wanted, false for not wanted, null for none.</param>
/// <param name="Line">The line of its question.</param>
internal sealed record MarkedSheet(string Path, MarkSheet Sheet, IReadOnlyList<bool?> Marks, int Line);
