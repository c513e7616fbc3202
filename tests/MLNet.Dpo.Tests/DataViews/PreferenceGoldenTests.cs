using MLNet.Dpo.Conformance;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>Preference rows tokenized, truncated and dropped as TRL does.</summary>
public class PreferenceGoldenTests
{
    [Fact]
    public void Run_AwkwardRows_EqualTrl() => Fixtures.AssertAllPass(PreferenceCases.Run(Fixtures.PathTo("preparation")));

    [SharedDataFact("fixtures/preferences")]
    public void Run_RealRows_EqualTrl() => Fixtures.AssertAllPass(PreferenceCases.Run(SharedData.PathTo("fixtures/preferences")));
}
