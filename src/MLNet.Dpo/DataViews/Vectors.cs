using Microsoft.ML.Data;

namespace MLNet.Dpo.DataViews;

/// <summary>Writes arrays into the buffers that ML.NET's getters are handed, which are reused from row to row.</summary>
internal static class Vectors
{
    internal static void Fill<T>(ReadOnlySpan<T> values, ref VBuffer<T> buffer)
    {
        var editor = VBufferEditor.Create(ref buffer, values.Length);
        values.CopyTo(editor.Values);
        buffer = editor.Commit();
    }

    internal static void Fill(float[]? values, ref VBuffer<float> buffer) => Fill<float>(values ?? [], ref buffer);
}
