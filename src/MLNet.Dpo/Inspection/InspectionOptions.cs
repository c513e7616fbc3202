using Microsoft.ML;
using MLNet.Dpo.Checks;

namespace MLNet.Dpo;

/// <summary>Settings of <c>ml.Preferences.Inspect</c>.</summary>
public sealed class InspectionOptions
{
    /// <summary>The length limit to count cut rows at: the MaxLength of the training to come, 2 or more. Default 1024.</summary>
    public int MaxLength { get; set; } = 1024;

    /// <summary>The other split, whose prompts must not be among the inspected ones; null for none. Default null.</summary>
    public IDataView? OtherSplit { get; set; }

    /// <summary>Rows, spread evenly over the data, that a model is asked about where one is given; 1 or more. Default 64.</summary>
    public int ModelRows { get; set; } = 64;

    /// <summary>How the model answers the prompts that are compared with the data. Default: temperature 0.7, seed 1, up to 256 tokens.</summary>
    public GenerationOptions Sampling { get; set; } = new() { Temperature = 0.7, Seed = 1 };

    /// <summary>Stops the inspection, with an <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>Checks all settings.</summary>
    /// <exception cref="ArgumentException">A setting is out of range.</exception>
    public void Validate()
    {
        OptionCheck.AtLeast(MaxLength, 2, nameof(MaxLength));
        OptionCheck.AtLeast(ModelRows, 1, nameof(ModelRows));
        if (Sampling is null) throw new ArgumentException("Sampling is null; give GenerationOptions, or leave the default.");
        Sampling.Validate();
    }
}
