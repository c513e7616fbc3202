namespace Microsoft.ML.Data;

/// <summary>The usual names of columns.</summary>
internal static class DefaultColumnNames
{
    public const string Label = "Label";
    public const string GroupId = "GroupId";
    public const string Score = "Score";
    public const string PredictedLabel = "PredictedLabel";
}
