using Microsoft.ML.Runtime;

namespace Microsoft.ML;

internal static class SchemaStream
{
    public static void Write(IHostEnvironment env, DataViewSchema schema, Stream stream)
    {
    }

    public static DataViewSchema Read(IHostEnvironment env, Stream stream) => null;
}
