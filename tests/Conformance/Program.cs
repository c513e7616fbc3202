using MLNet.Dpo.Conformance;

if (args.Length == 0)
{
    Console.Error.WriteLine("usage: conformance DIR...   each DIR holds golden data, in the layout of the fixtures, at any depth");
    return 2;
}

MLNet.Dpo.DeviceChoice.Resolve("cpu", threads: 0);
var reports = new List<CaseReport>();
foreach (var root in args)
{
    if (!Directory.Exists(root))
    {
        Console.Error.WriteLine($"{root}: no such folder; give folders of golden data.");
        return 2;
    }
    foreach (var report in ConformanceRunner.Run(root))
    {
        var verdict = report.Failed > 0 ? "FAIL" : report.Passed > 0 ? "ok  " : "skip";
        Console.WriteLine($"{verdict} {Path.GetRelativePath(root, report.Name),-28} {report.Passed} passed, {report.Failed} failed, {report.Skipped} skipped, largest error {report.LargestError:g3}{(report.Note.Length > 0 ? "  " + report.Note : "")}");
        reports.Add(report);
    }
}
Console.WriteLine($"{reports.Sum(r => r.Passed)} passed, {reports.Sum(r => r.Failed)} failed, {reports.Sum(r => r.Skipped)} skipped");
return reports.Any(r => r.Failed > 0) ? 1 : 0;
