namespace MLNet.Dpo;
/// <summary>x</summary>
public sealed class ChatTemplate { /// <summary>x</summary>
 public static ChatTemplate Parse(string s) => throw new NotImplementedException(s); }
/// <summary>x</summary>
public class ChatTemplateException : Exception { }
