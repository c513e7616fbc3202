using PublicApiGenerator;
using Xunit;

namespace MLNet.Dpo.Tests.PublicApi;

/// <summary>What users can call, as approved: a change of the public surface is a change of a file that somebody reads.</summary>
public sealed class PublicApiTests
{
    [Theory]
    [InlineData(typeof(DpoTrainer))]
    [InlineData(typeof(HuggingFaceTokenizer))]
    [InlineData(typeof(ChatClientSource))]
    [InlineData(typeof(ParquetPreferences))]
    public void Assembly_PublicMembers_AreTheApprovedOnes(Type member)
    {
        var assembly = member.Assembly;
        var options = new ApiGeneratorOptions { IncludeAssemblyAttributes = false, UseDenyNamespacePrefixesForExtensionMethods = false };
        var actual = assembly.GeneratePublicApi(options).ReplaceLineEndings("\n") + "\n";
        var approved = Path.Combine(Fixtures.Root, "tests", "MLNet.Dpo.Tests", "PublicApi", assembly.GetName().Name + ".txt");
        if (File.Exists(approved) && File.ReadAllText(approved) == actual) return;
        var received = Path.Combine(AppContext.BaseDirectory, Path.GetFileName(approved));
        File.WriteAllText(received, actual);
        Assert.Fail($"The public members of {assembly.GetName().Name} are not those of {approved}; look at the difference, and if it is wanted: cp '{received}' '{approved}'");
    }
}
