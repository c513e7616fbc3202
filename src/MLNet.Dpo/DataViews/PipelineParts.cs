using Microsoft.ML;

namespace MLNet.Dpo.DataViews;

/// <summary>Finds this library's transformers within a chain.</summary>
internal static class PipelineParts
{
    internal static T Find<T>(ITransformer model) where T : class, ITransformer =>
        All(model).OfType<T>().LastOrDefault()
        ?? throw new ArgumentException($"The model has no {typeof(T).Name}; give what a pipeline of ml.Preferences.Tokenize(...) and a trainer was fitted to, or ml.Preferences.LoadPretrained(folder).", nameof(model));

    /// <summary>The links of a chain, of nested ones too, in order.</summary>
    internal static IEnumerable<ITransformer> All(ITransformer model) =>
        model is IEnumerable<ITransformer> chain ? chain.SelectMany(All) : [model];
}
