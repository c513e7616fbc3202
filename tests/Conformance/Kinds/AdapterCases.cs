using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using static TorchSharp.torch;

namespace MLNet.Dpo.Conformance;

/// <summary>A PEFT adapter with the logits of its base under it, unmerged and merged.</summary>
public static class AdapterCases
{
    /// <summary>Whether the folder is of this kind.</summary>
    public static bool Matches(string folder) =>
        File.Exists(Path.Combine(folder, AdapterFolder.ConfigName)) && File.Exists(Path.Combine(folder, "expected.safetensors"));

    /// <summary>Checks the folder; the base is looked for beside the adapters' folder.</summary>
    public static CaseReport Run(string folder)
    {
        var baseFolder = GoldenFolders.Find(folder, GoldenJson.Read(folder, "expected.json").Need("base").Text());
        using var model = ModelFolder.Load(baseFolder, CPU);
        AdapterFolder.Load(model, folder);
        using var golden = new GoldenTensors(Path.Combine(folder, "expected.safetensors"));
        var comparison = new Comparison(folder);
        comparison.Check("logits", ModelRunner.LogitError(model, golden, "logits"), 1e-4);
        CheckMerged(model, golden, comparison);
        return comparison.Report();
    }

    // The merged model is what the product writes, read again.
    private static void CheckMerged(CausalLM model, GoldenTensors golden, Comparison comparison)
    {
        var folder = Directory.CreateTempSubdirectory("merged");
        try
        {
            ModelFolder.Save(model, folder.FullName);
            using var merged = ModelFolder.Load(folder.FullName, CPU);
            comparison.Check("merged logits", ModelRunner.LogitError(merged, golden, "logits_merged"), 1e-4);
            foreach (var name in golden.Names.Where(n => n.StartsWith("merged.", StringComparison.Ordinal)))
            {
                var weight = merged.Parameters[name["merged.".Length..]];
                comparison.Check(name, Comparison.MaxDifference(weight.data<float>().ToArray(), golden.Floats(name)), 1e-5);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
