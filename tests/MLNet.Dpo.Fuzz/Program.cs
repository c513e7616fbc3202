using MLNet.Dpo.Fuzz;

// fuzz [N] [NAME]: N mutants (300 by default) of every reader whose name holds NAME, each reader in a child process.
if (args is ["--child", var reader, var from, var count])
    return Child.Run(Readers.All.Concat(SelfCheck.Readers.Select(check => check.Reader)).Single(r => r.Name == reader), int.Parse(from), int.Parse(count));

var mutants = args.Length > 0 ? int.Parse(args[0]) : 300;
var chosen = Readers.All.Where(r => args.Length < 2 || r.Name.Contains(args[1], StringComparison.Ordinal)).ToList();
SelfCheck.Run();
var faults = 0;
foreach (var one in chosen)
    faults += Parent.Run(one, mutants);
Console.WriteLine($"{chosen.Count} readers, {mutants} mutants each: {(faults == 0 ? "only documented outcomes" : $"{faults} outcomes that no caller is promised; inputs are in {Parent.Inputs}")}");
return faults == 0 ? 0 : 1;
