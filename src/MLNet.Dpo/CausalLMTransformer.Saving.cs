using Microsoft.ML;
using Microsoft.ML.Runtime;
using MLNet.Dpo;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Generation;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;

[assembly: LoadableClass(typeof(CausalLMTransformer), null, typeof(SignatureLoadModel), "Causal language model", CausalLMTransformer.LoaderSignature)]

namespace MLNet.Dpo;

public sealed partial class CausalLMTransformer
{
    internal const string LoaderSignature = "CausalLM";
    private const uint NamedGeneration = 0x00010003; // and the tokenizer shared with the other links
    private const uint WithTruncationMode = 0x00010004;
    private const uint BaseByContent = 0x00010005; // and the reference model named
    private const uint WithPrecision = 0x00010006;

    /// <summary>Whether saving puts the base's weights into the model or only their place. Default <see cref="BaseModelStorage.Auto"/>.</summary>
    public BaseModelStorage Storage { get; set; }

    void ICanSaveModel.Save(ModelSaveContext ctx)
    {
        _host.CheckValue(ctx, nameof(ctx));
        ctx.CheckAtModel();
        ctx.SetVersionInfo(GetVersionInfo());
        ctx.Writer.Write(Beta);
        ctx.Writer.Write(MaxLength);
        ctx.Writer.Write((byte)TruncationMode);
        ctx.Writer.Write((byte)PrecisionChoice.Of(_model.Network.Dtype));
        GenerationStream.Write(ctx.Writer, Generation);
        TokenizerStreams.Save(ctx, ChatTokenizer.FilesToSave);
        lock (_lock)
        {
            ThrowIfDisposed();
            using var active = _adapters.Activate(out var adapter);
            ModelStreams.Save(ctx, _model with { Adapter = adapter }, Storage);
        }
    }

    private static CausalLMTransformer Create(IHostEnvironment env, ModelLoadContext ctx)
    {
        ctx.CheckAtModel(GetVersionInfo());
        var (beta, maxLength) = (ctx.Reader.ReadDouble(), ctx.Reader.ReadInt32());
        var truncationMode = ctx.Header.ModelVerWritten < WithTruncationMode ? TruncationMode.KeepStart : ReadTruncationMode(ctx.Reader);
        var precision = ctx.Header.ModelVerWritten < WithPrecision ? Precision.Float32 : ReadPrecision(ctx.Reader);
        var generation = ctx.Header.ModelVerWritten < NamedGeneration ? GenerationStream.ReadUnnamed(ctx.Reader) : GenerationStream.Read(ctx.Reader);
        var tokenizer = new ChatTokenizer(HuggingFaceTokenizer.Load(TokenizerStreams.Load(ctx)));
        var device = DeviceChoice.Resolve(TrainingOptions.AutoDevice);
        return new CausalLMTransformer(env, ModelStreams.Load(ctx, device, PrecisionChoice.Resolve(precision, 0, device), byContent: ctx.Header.ModelVerWritten >= BaseByContent), tokenizer, beta, maxLength, truncationMode) { Generation = generation };
    }

    private static TruncationMode ReadTruncationMode(BinaryReader reader) => (TruncationMode)reader.ReadByte() is var mode && Enum.IsDefined(mode)
        ? mode
        : throw new InvalidDataException($"The saved model's truncation mode is {(int)mode}, which this version of MLNet.Dpo does not know; load the model with the version that saved it, or a later one.");

    private static Precision ReadPrecision(BinaryReader reader)
    {
        var stored = reader.ReadByte();
        return (Precision)stored is (Precision.Float32 or Precision.BFloat16) and var precision
            ? precision
            : throw new InvalidDataException($"The saved model's precision is {stored}, which this version of MLNet.Dpo does not know; load the model with the version that saved it, or a later one.");
    }

    private static VersionInfo GetVersionInfo() => new(
        modelSignature: "CAUSALLM",
        verWrittenCur: WithPrecision,
        verReadableCur: WithPrecision,
        verWeCanReadBack: 0x00010002,
        loaderSignature: LoaderSignature,
        loaderAssemblyName: typeof(CausalLMTransformer).Assembly.FullName);
}
