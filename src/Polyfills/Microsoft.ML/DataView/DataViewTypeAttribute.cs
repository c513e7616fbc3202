namespace Microsoft.ML.Data;

/// <summary>Marks a member of a row class whose type is described by an attribute.</summary>
[AttributeUsage(AttributeTargets.Field | AttributeTargets.Property, AllowMultiple = false, Inherited = true)]
public abstract class DataViewTypeAttribute : Attribute, IEquatable<DataViewTypeAttribute>
{
    /// <summary>Makes the type known to ML.NET.</summary>
    public abstract void Register();

    /// <inheritdoc/>
    public abstract bool Equals(DataViewTypeAttribute other);
}
