namespace MLNet.Dpo.DataViews;

/// <summary>A row's token columns.</summary>
/// <param name="Group">The prompt and its responses.</param>
/// <param name="Scores">The score of each response; empty where the row has none.</param>
internal sealed record TokenizedRow(TokenizedGroup Group, float[] Scores);
