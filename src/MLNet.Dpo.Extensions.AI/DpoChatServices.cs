using Microsoft.Extensions.AI;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace MLNet.Dpo;

/// <summary>Models of this library in a program's services.</summary>
public static class DpoChatServices
{
    /// <summary>Adds a model folder as a chat client: a singleton <see cref="DpoChatClient"/>, also as <see cref="IChatClient"/>, loaded when first asked for and freed with the provider.</summary>
    /// <param name="services">The program's services. Their logging, where there is one, is told of answers and of ML.NET's warnings.</param>
    /// <param name="modelFolder">A Hugging Face model folder with its tokenizer.</param>
    /// <param name="options">What holds where a call says nothing; with null the folder's name is the model's.</param>
    /// <returns>The services.</returns>
    /// <exception cref="ArgumentException">The folder's name is blank.</exception>
    /// <example><code>
    /// services.AddDpoChatModel("models/tuned");
    /// services.AddChatClient(provider => provider.GetRequiredService&lt;DpoChatClient>()).UseFunctionInvocation();  // of the package Microsoft.Extensions.AI
    /// </code></example>
    public static IServiceCollection AddDpoChatModel(this IServiceCollection services, string modelFolder, DpoChatClient.Options? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(modelFolder);
        return AddDpoChatModel(services, ml => ml.Preferences.LoadPretrained(modelFolder), options ?? new DpoChatClient.Options { ModelId = Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(modelFolder))) });
    }

    /// <summary>Adds any model as a chat client.</summary>
    /// <inheritdoc cref="AddDpoChatModel(IServiceCollection, string, DpoChatClient.Options)"/>
    /// <param name="services">The program's services.</param>
    /// <param name="load">Loads the chain, such as <c>ml => ml.Model.Load("model.zip", out _)</c>; called once. The model is the client's, which frees it.</param>
    /// <param name="options">What holds where a call says nothing; the model's own settings when null.</param>
    /// <example><code>
    /// services.AddDpoChatModel(ml => ml.Model.Load("model.zip", out _), new DpoChatClient.Options { ModelId = "tuned" });
    /// </code></example>
    public static IServiceCollection AddDpoChatModel(this IServiceCollection services, Func<MLContext, ITransformer> load, DpoChatClient.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(load);
        services.AddSingleton(provider => Load(load, options, provider.GetService<ILogger<DpoChatClient>>()));
        return services.AddSingleton<IChatClient>(provider => provider.GetRequiredService<DpoChatClient>());
    }

    private static DpoChatClient Load(Func<MLContext, ITransformer> load, DpoChatClient.Options? options, ILogger? logger)
    {
        var ml = new MLContext();
        if (logger is not null)
        {
            ml.Log += (_, e) =>
            {
                if (e.Kind is ChannelMessageKind.Warning or ChannelMessageKind.Error) DpoChatClient.Warned(logger, e.RawMessage);
            };
        }
        var model = load(ml);
        var network = ml.Preferences.FindModel(model);
        try
        {
            return new DpoChatClient(ml, model, options, logger, network);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
