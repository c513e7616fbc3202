using Xunit;

namespace MLNet.Dpo.Tests.Generation;

public class GenerationOptionsTests
{
    public static TheoryData<string, GenerationOptions> Wrong => new()
    {
        { "MaxNewTokens is 0", new() { MaxNewTokens = 0 } },
        { "Temperature is -1", new() { Temperature = -1 } },
        { "TopK is -1", new() { TopK = -1 } },
        { "TopP is 0", new() { TopP = 0 } },
        { "TopP is 1.5", new() { TopP = 1.5 } },
        { "MinP is -0.1", new() { MinP = -0.1 } },
        { "MinP is 1.1", new() { MinP = 1.1 } },
        { "MinP is NaN", new() { MinP = double.NaN } },
        { "RepetitionPenalty is 0", new() { RepetitionPenalty = 0 } },
        { "RepetitionPenalty is NaN", new() { RepetitionPenalty = double.NaN } },
        { "NoRepeatNgramSize is -1", new() { NoRepeatNgramSize = -1 } },
        { "BatchSize is 0", new() { BatchSize = 0 } },
        { "TopK is 10, but Temperature is 0", new() { TopK = 10 } },
        { "TopP is 0.9, but Temperature is 0", new() { TopP = 0.9 } },
        { "MinP is 0.1, but Temperature is 0", new() { MinP = 0.1 } },
        { "TypicalP is 0", new() { TypicalP = 0 } },
        { "TypicalP is 0.5, but Temperature is 0", new() { TypicalP = 0.5 } },
        { "EpsilonCutoff is 1", new() { EpsilonCutoff = 1 } },
        { "EtaCutoff is 0.1, but Temperature is 0", new() { EtaCutoff = 0.1 } },
        { "FrequencyPenalty is NaN", new() { FrequencyPenalty = double.NaN } },
        { "LogitBias of token 3 is -Infinity", new() { LogitBias = new Dictionary<int, double> { [3] = double.NegativeInfinity } } },
        { "BadWordsIds has a run without ids", new() { BadWordsIds = [[]] } },
        { "MinNewTokens is 300 and MaxNewTokens 256", new() { MinNewTokens = 300 } },
        { "NumBeams is 0", new() { NumBeams = 0 } },
        { "NumBeams is 2 and Temperature 1", new() { NumBeams = 2, Temperature = 1 } },
        { "LengthPenalty is 2, but NumBeams is 1", new() { LengthPenalty = 2 } },
        { "EarlyStopping is Never, but NumBeams is 1", new() { EarlyStopping = BeamStopping.Never } },
        { "StopStrings has an empty text", new() { StopStrings = ["a", ""] } },
        { "StopTokenIds is null", new() { StopTokenIds = null! } },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void Validate_OutOfRange_SaysWhatWasGiven(string start, GenerationOptions options) =>
        Assert.StartsWith(start, Assert.Throws<ArgumentException>(options.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void Validate_Defaults_Passes() => new GenerationOptions().Validate();
}
