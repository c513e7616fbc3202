using System.Reflection;

namespace Microsoft.ML.Runtime;

/// <summary>The loadable classes of the assemblies registered in an environment.</summary>
public sealed class ComponentCatalog
{
    private const BindingFlags AnyInstance = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;
    private const BindingFlags AnyStatic = BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.FlattenHierarchy;

    private readonly object _lock = new();
    private readonly HashSet<string> _assemblies = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Name, Type Signature), LoadableClass> _classes = [];

    internal ComponentCatalog()
    {
    }

    /// <summary>Makes the loadable classes of an assembly known; a second registration does nothing.</summary>
    /// <exception cref="InvalidOperationException">A class cannot be instantiated as it declares, or its name is taken.</exception>
    public void RegisterAssembly(Assembly assembly, bool throwOnError = true)
    {
        lock (_lock)
        {
            if (!_assemblies.Add(assembly.FullName))
                return;
            foreach (var attribute in assembly.GetCustomAttributes().OfType<LoadableClassAttributeBase>())
                AddClass(attribute, throwOnError);
        }
    }

    internal static bool TryCreateInstance<TRes, TSig>(IHostEnvironment env, out TRes result, string name, params object[] extra)
        where TRes : class
    {
        result = null;
        var key = ((name ?? "").ToLowerInvariant().Trim(), typeof(TSig));
        LoadableClass found;
        lock (env.ComponentCatalog._lock)
        {
            if (!env.ComponentCatalog._classes.TryGetValue(key, out found))
                return false;
        }
        env.Check(typeof(TRes).IsAssignableFrom(found.Type), $"Loadable class '{name}' does not derive from '{typeof(TRes).FullName}'");
        result = (TRes)found.Create(env, extra);
        return true;
    }

    private void AddClass(LoadableClassAttributeBase attribute, bool throwOnError)
    {
        var factory = FindFactory(attribute);
        if (factory == null && throwOnError)
            throw Contracts.Except($"Can't instantiate loadable class '{attribute.InstanceType.Name}' with name '{attribute.LoadNames[0]}'");
        var loadable = new LoadableClass(attribute.InstanceType, factory?.Factory, factory?.NeedsEnvironment ?? false);
        foreach (var signature in attribute.SigTypes)
        {
            foreach (var name in attribute.LoadNames)
            {
                if (!_classes.TryAdd((name.ToLowerInvariant(), signature), loadable) && throwOnError)
                    throw Contracts.Except($"ComponentCatalog cannot map name '{name}' and SignatureType '{signature}' to {attribute.InstanceType.Name}, already mapped.");
            }
        }
    }

    private static (MethodBase Factory, bool NeedsEnvironment)? FindFactory(LoadableClassAttributeBase attribute)
    {
        Type[] withEnvironment = [typeof(IHostEnvironment), .. attribute.CtorTypes];
        var create = FindCreate(attribute, attribute.CtorTypes) ?? FindCreate(attribute, withEnvironment);
        ConstructorInfo constructor = null;
        if (attribute.InstanceType.IsAssignableFrom(attribute.LoaderType))
        {
            constructor = attribute.LoaderType.GetConstructor(AnyInstance, null, attribute.CtorTypes, null)
                ?? attribute.LoaderType.GetConstructor(AnyInstance, null, withEnvironment, null);
        }

        if (create != null && constructor != null && Visibility(create) == Visibility(constructor))
        {
            throw Contracts.Except($"Can't load type {attribute.InstanceType}, because it has both create and constructor methods with the same visibility. "
                + "Please indicate which one should be used by changing either the signature or the visibility of one of them.");
        }

        MethodBase factory = create != null && (constructor == null || Visibility(create) > Visibility(constructor)) ? create : constructor;
        return factory == null ? null : (factory, factory.GetParameters().Length == withEnvironment.Length);
    }

    private static MethodInfo FindCreate(LoadableClassAttributeBase attribute, Type[] parameters)
    {
        var create = attribute.LoaderType.GetMethod("Create", AnyStatic, null, parameters, null);
        return create != null && create.DeclaringType == attribute.LoaderType && create.ReturnType == attribute.InstanceType ? create : null;
    }

    private static int Visibility(MethodBase method) => method switch
    {
        { IsPublic: true } => 5,
        { IsAssembly: true } => 4,
        { IsFamilyOrAssembly: true } => 3,
        { IsFamily: true } => 2,
        { IsPrivate: true } => 1,
        _ => 0,
    };

    private sealed record LoadableClass(Type Type, MethodBase Factory, bool NeedsEnvironment)
    {
        public object Create(IHostEnvironment env, object[] extra)
        {
            if (Factory == null)
                throw Contracts.Except($"Can't instantiate class '{Type.Name}'");
            object[] arguments = NeedsEnvironment ? [env, .. extra] : extra;
            env.Check(Factory.GetParameters().Length == arguments.Length, $"Wrong number of extra parameters for loadable class '{Type.Name}'");
            try
            {
                return Factory is ConstructorInfo constructor ? constructor.Invoke(arguments) : Factory.Invoke(null, arguments);
            }
            catch (TargetInvocationException ex) when (ex.InnerException?.IsMarked() == true)
            {
                throw Contracts.Except(null, ex, "Error during class instantiation");
            }
        }
    }
}
