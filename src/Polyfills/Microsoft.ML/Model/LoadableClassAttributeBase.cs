using System.Reflection;
using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What the catalog needs to know of a loadable class.</summary>
internal abstract class LoadableClassAttributeBase : Attribute
{
    protected LoadableClassAttributeBase(string summary, Type instType, Type loaderType, Type argType, Type[] sigTypes, string userName, params string[] loadNames)
    {
        Contracts.CheckValue(instType, nameof(instType));
        Contracts.CheckValue(loaderType, nameof(loaderType));
        Contracts.CheckParam(sigTypes is { Length: > 0 }, nameof(sigTypes));
        if (loadNames is not { Length: > 0 })
            loadNames = [userName];
        Contracts.CheckParam(!loadNames.Any(string.IsNullOrWhiteSpace), nameof(loadNames), "LoadableClass loadName parameter can't be empty");

        var parameters = SignatureParameters(sigTypes[0]);
        foreach (var other in sigTypes.Skip(1))
            Contracts.CheckParam(parameters.SequenceEqual(SignatureParameters(other)), nameof(sigTypes), "LoadableClass signatures must have the same set of parameters");

        Summary = summary;
        InstanceType = instType;
        LoaderType = loaderType;
        ArgType = argType;
        SigTypes = sigTypes;
        CtorTypes = argType == null ? parameters : [argType, .. parameters];
        UserName = userName;
        LoadNames = loadNames;
    }

    public string Summary { get; }

    public Type InstanceType { get; }

    public Type LoaderType { get; }

    public Type ArgType { get; }

    public Type[] SigTypes { get; }

    public Type[] CtorTypes { get; }

    public string UserName { get; }

    public string[] LoadNames { get; }

    public string DocName { get; set; }

    private static Type[] SignatureParameters(Type sigType)
    {
        Contracts.CheckValue(sigType, "sigTypes");
        var invoke = sigType.BaseType == typeof(MulticastDelegate) ? sigType.GetMethod("Invoke") : null;
        Contracts.CheckParam(invoke != null && invoke.ReturnType == typeof(void), "sigTypes", "LoadableClass signature type must be a delegate type with void return");
        var parameters = invoke.GetParameters();
        Contracts.Check(parameters.All(p => (p.Attributes & (ParameterAttributes.Out | ParameterAttributes.Retval)) == 0), "Invalid signature parameter attributes");
        return parameters.Select(p => p.ParameterType).ToArray();
    }
}
