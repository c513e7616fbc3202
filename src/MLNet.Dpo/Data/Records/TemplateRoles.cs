namespace MLNet.Dpo.Data.Records;

/// <summary>The roles that chat templates know, and the names that other formats have for them.</summary>
internal static class TemplateRoles
{
    /// <summary>What an error says was expected.</summary>
    public const string Expected = "system, developer, user, assistant, tool (ShareGPT: human, gpt, observation, function_call), function or ipython";

    private static readonly HashSet<string> Known = ["system", "developer", "user", "assistant", "tool", "function", "ipython"];

    /// <summary>Whether chat templates know the role.</summary>
    public static bool IsKnown(string role) => Known.Contains(role);

    /// <summary>The role in the names that chat templates use; <c>function_call</c> stays, it is no role but a way to write tool calls. Null: it is none.</summary>
    public static string? Find(string role) => role switch
    {
        "human" => "user",
        "gpt" => "assistant",
        "observation" => "tool",
        "function_call" => role,
        _ => IsKnown(role) ? role : null,
    };
}
