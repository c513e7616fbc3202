namespace MLNet.Dpo.Conformance;

/// <summary>An exception as one line of a report.</summary>
internal static class ErrorLine
{
    /// <summary>The kind of error and the first line of what it says.</summary>
    public static string Of(Exception e)
    {
        string message = e is NullReferenceException ? $"a golden file lacks what {e.TargetSite?.DeclaringType?.Name} needs" : e.Message;
        return $"{e.GetType().Name}: {First(message)}";
    }

    /// <summary>The first line of a text.</summary>
    public static string First(string text) => text.Split('\n')[0].TrimEnd();
}
