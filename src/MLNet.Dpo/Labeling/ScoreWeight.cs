namespace MLNet.Dpo;

/// <summary>A score column and how much it counts in a weighted sum.</summary>
/// <param name="ColumnName">The column, a vector of Single with a score for each response.</param>
/// <param name="Weight">What its scores are multiplied with; below 0 turns them round.</param>
public sealed record ScoreWeight(string ColumnName, double Weight);
