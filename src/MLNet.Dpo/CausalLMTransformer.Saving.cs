using Microsoft.ML;

namespace MLNet.Dpo;

public sealed partial class CausalLMTransformer
{
    void ICanSaveModel.Save(ModelSaveContext ctx) => throw new NotSupportedException();
}
