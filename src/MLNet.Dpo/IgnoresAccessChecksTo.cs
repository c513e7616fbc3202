[assembly: System.Runtime.CompilerServices.IgnoresAccessChecksTo("Microsoft.ML.Core")]

namespace System.Runtime.CompilerServices;

/// <summary>Known to the runtime by its name: this assembly may use the named one's internal members. The compiler's side of it is eng/PublicReference.targets.</summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
internal sealed class IgnoresAccessChecksToAttribute(string assemblyName) : Attribute
{
    internal string AssemblyName { get; } = assemblyName;
}
