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
