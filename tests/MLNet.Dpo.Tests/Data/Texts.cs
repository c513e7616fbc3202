using System.Text;
using MLNet.Dpo.Data;

namespace MLNet.Dpo.Tests.Data;

/// <summary>Preference data written in the test itself, as a file named data.json.</summary>
internal static class Texts
{
    public static PreferenceFile File(string text, string name = "data.json") => new(name, () => new MemoryStream(Encoding.UTF8.GetBytes(text)));

    public static PreferenceGroup[] ReadAll(string text, PreferenceFormat format = PreferenceFormat.Auto, bool allowEmptyResponses = false, bool implicitPrompt = false) =>
        [.. new PreferenceReader(format, allowEmptyResponses) { ImplicitPrompt = implicitPrompt }.Read([File(text)])];

    public static PreferenceGroup Read(string text, PreferenceFormat format = PreferenceFormat.Auto) => ReadAll(text, format).Single();

    /// <summary>The message of the error that reading gives, without the file's name.</summary>
    public static string Error(string text, PreferenceFormat format = PreferenceFormat.Auto)
    {
        var e = Xunit.Assert.Throws<PreferenceDataException>(() => ReadAll(text, format));
        Xunit.Assert.DoesNotContain('\n', e.Message);
        Xunit.Assert.Equal("data.json", e.File);
        Xunit.Assert.StartsWith("'data.json'", e.Message);
        return e.Message["'data.json'".Length..].TrimStart(',', ' ');
    }
}
