
namespace MLNet.Dpo.Text.ChatTemplates.Jinja;

/// <summary>An operation of a template failed; the interpreter adds the line.</summary>
internal sealed class JinjaException(string message) : Exception(message);
