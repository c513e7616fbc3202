using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using MLNet.Dpo.Arithmetic;
using TorchSharp;
using Xunit;

namespace MLNet.Dpo.Tests.Arithmetic;

/// <summary>Numbers that outlive the calls that they are given to.</summary>
public sealed class HeldNumbersTests
{
    private static readonly Type[] Numbers = [typeof(double), typeof(float), typeof(int), typeof(long)];

    [Fact]
    public void Library_TensorArithmetic_MakesNoNumberOnTheSpot()
    {
        var unheld = References(typeof(DpoTrainer).Module).Where(method => method.DeclaringType == typeof(torch.Tensor) && MakesANumber(method)).Select(method => method.ToString()).Distinct();
        Assert.Empty(unheld);
    }

    [Fact]
    public void Arithmetic_IsTorchs()
    {
        using var scope = torch.NewDisposeScope();
        var (a, b) = (torch.tensor([1.5f, -2]), torch.tensor([0.25f, 4]));
        Assert.Equal([1.75f, 2], a.Plus(b).data<float>().ToArray());
        Assert.Equal([2.25f, 4], a.Squared().data<float>().ToArray());
        Assert.Equal([3f, -4], (a * HeldNumbers.Number(2)).data<float>().ToArray());
        Assert.Equal(torch.ScalarType.Float32, (a * HeldNumbers.Number(2)).dtype);
        a.PlusInPlace(b);
        Assert.Equal([1.75f, 2], a.data<float>().ToArray());
    }

    // Operators with a number; and what adds, which multiplies by 1, or squares, with a number of its own.
    private static bool MakesANumber(MethodBase method)
    {
        Type[] parameters = [.. method.GetParameters().Select(parameter => parameter.ParameterType)];
        if (method.Name.StartsWith("op_", StringComparison.Ordinal)) return method.Name == "op_Addition" || parameters.Any(Numbers.Contains);
        return method.Name switch
        {
            "square" or "square_" => true,
            "add" or "add_" => parameters.Length == 1,
            "addcdiv" or "addcdiv_" => parameters.Length == 2,
            _ => false,
        };
    }

    // The members of other assemblies that a module names: what its code may call.
    private static IEnumerable<MethodBase> References(Module module)
    {
        using var file = new PEReader(File.OpenRead(module.FullyQualifiedName));
        var count = file.GetMetadataReader().GetTableRowCount(TableIndex.MemberRef);
        return [.. Enumerable.Range(1, count).Select(row => Resolve(module, MetadataTokens.GetToken(MetadataTokens.EntityHandle(TableIndex.MemberRef, row)))).OfType<MethodBase>()];
    }

    private static MethodBase? Resolve(Module module, int token)
    {
        try
        {
            return module.ResolveMethod(token);
        }
        catch (Exception e) when (e is ArgumentException or MissingMethodException or BadImageFormatException)
        {
            return null; // a field, or a member of a generic type that is open here
        }
    }
}
