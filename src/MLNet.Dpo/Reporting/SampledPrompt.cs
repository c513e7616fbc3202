namespace MLNet.Dpo.Reporting;

/// <summary>What a model said to a prompt before and after a training.</summary>
/// <param name="Prompt">One user turn of plain text.</param>
/// <param name="Before">Its completion before the first step.</param>
/// <param name="After">Its completion after the last; empty while the run goes on.</param>
internal sealed record SampledPrompt(string Prompt, string Before, string After);
