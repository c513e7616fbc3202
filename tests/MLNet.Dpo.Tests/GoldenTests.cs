using MLNet.Dpo.Conformance;
using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>Every folder of golden data in the repository, through the conformance runner.</summary>
public class GoldenTests
{
    public static TheoryData<string> Kinds => ["models", "plain", "adapters", "gradients", "generation", "losses", "trajectories"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Conformance_GoldenFolder_Agrees(string kind)
    {
        var reports = ConformanceRunner.Run(Fixtures.PathTo(kind)).ToList();
        Assert.NotEmpty(reports);
        Assert.All(reports, Fixtures.AssertAllPass);
    }
}
