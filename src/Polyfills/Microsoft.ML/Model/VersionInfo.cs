using Microsoft.ML.Runtime;

namespace Microsoft.ML;

/// <summary>What a component writes about itself: kind, versions, and who can load it.</summary>
internal readonly struct VersionInfo
{
    public readonly ulong ModelSignature;
    public readonly uint VerWrittenCur;
    public readonly uint VerReadableCur;
    public readonly uint VerWeCanReadBack;
    public readonly string LoaderAssemblyName;
    public readonly string LoaderSignature;
    public readonly string LoaderSignatureAlt;

    public VersionInfo(string modelSignature, uint verWrittenCur, uint verReadableCur, uint verWeCanReadBack,
        string loaderAssemblyName, string loaderSignature = null, string loaderSignatureAlt = null)
    {
        Contracts.Check(modelSignature?.Length == sizeof(ulong), "Model signature must be eight characters");
        ModelSignature = 0;
        for (var i = 0; i < modelSignature.Length; i++)
        {
            Contracts.Check(modelSignature[i] <= 0xFF);
            if (modelSignature[i] != ' ')
                ModelSignature |= (ulong)modelSignature[i] << (i * 8);
        }
        VerWrittenCur = verWrittenCur;
        VerReadableCur = verReadableCur;
        VerWeCanReadBack = verWeCanReadBack;
        LoaderAssemblyName = loaderAssemblyName;
        LoaderSignature = loaderSignature;
        LoaderSignatureAlt = loaderSignatureAlt;
    }
}
