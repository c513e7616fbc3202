using MLNet.Dpo.Conformance;

if (args.Length == 0)
{
    Console.Error.WriteLine("usage: conformance DIR...   each DIR holds golden data, in the layout of the fixtures, at any depth");
    return 2;
}

var reports = new List<CaseReport>();
foreach (var root in args)
{
    if (WhyNothing(root) is not { } why) continue;
    Console.Error.WriteLine($"{root}: {why}");
    return 2;
}
Console.WriteLine($"{reports.Sum(r => r.Passed)} passed, {reports.Sum(r => r.Failed)} failed, {reports.Sum(r => r.Skipped)} skipped");
return reports.Any(r => r.Failed > 0) ? 1 : 0;

// Runs a folder; null when something in it was looked at.
string? WhyNothing(string root)
{
    if (!Directory.Exists(root)) return "no such folder; give folders of golden data.";
    var before = reports.Count;
    try
    {
        foreach (var report in ConformanceRunner.Run(root)) Add(report, Path.GetRelativePath(root, report.Name));
    }
    catch (Exception e) when (e is IOException or UnauthorizedAccessException)
    {
        return $"the folder cannot be listed: {e.Message}";
    }
    return reports.Count > before ? null : "no golden data of a known kind, at any depth; tests/fixtures/README.md says what the runner reads.";
}

void Add(CaseReport report, string name)
{
    var verdict = report.Failed > 0 ? "FAIL" : report.Passed > 0 ? "ok  " : "skip";
    Console.WriteLine($"{verdict} {name,-28} {report.Passed} passed, {report.Failed} failed, {report.Skipped} skipped, largest error {report.LargestError:g3}{(report.Note.Length > 0 ? "  " + report.Note : "")}");
    reports.Add(report);
}
