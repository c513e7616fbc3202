using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo;

/// <summary>
/// Makes token ids of prompts and responses, by a model's own tokenizer and chat template, as TRL does. Nothing is learnt from the data.
/// </summary>
public sealed class PreferenceTokenizingEstimator : IEstimator<PreferenceTokenizingTransformer>
{
    private readonly IHostEnvironment _env;
    private readonly HuggingFaceTokenizer _tokenizer;
    private readonly Options _options;

    internal PreferenceTokenizingEstimator(IHostEnvironment env, HuggingFaceTokenizer tokenizer, Options options)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        (_env, _tokenizer, _options) = (env, tokenizer, options);
        if (options.ApplyChatTemplate == true && tokenizer.ChatTemplate is null)
            throw new ArgumentException("ApplyChatTemplate is true, but the tokenizer has no chat template; give a folder with one (tokenizer_config.json or chat_template.jinja), or leave ApplyChatTemplate out.");
    }

    /// <summary>Settings of <see cref="PreferenceTokenizingEstimator"/>.</summary>
    public sealed class Options
    {
        /// <summary>
        /// True: a prompt is a conversation, put into the chat template. False: prompt and response are one text, closed by the end token.
        /// Null: true where the tokenizer has a chat template. Default null.
        /// </summary>
        public bool? ApplyChatTemplate { get; set; }
    }

    /// <summary>Checks the input's columns and gives the transformer.</summary>
    /// <exception cref="ArgumentException">The columns Prompt, or Responses, or Chosen and Rejected, are missing or of another type.</exception>
    public PreferenceTokenizingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new PreferenceTokenizingTransformer(_env, _tokenizer, _options.ApplyChatTemplate ?? _tokenizer.ChatTemplate is not null);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var columns = inputSchema.ToDictionary(c => c.Name);
        if (!columns.ContainsKey(ColumnNames.Prompt)) throw PreferenceColumns.Missing(ColumnNames.Prompt);
        void Add(string name, DataViewType item) => columns[name] = new SchemaShape.Column(name, SchemaShape.Column.VectorKind.VariableVector, item, false);

        Add(ColumnNames.PromptTokens, NumberDataViewType.Int32);
        var asPair = columns.ContainsKey(ColumnNames.Chosen) && columns.ContainsKey(ColumnNames.Rejected);
        if (asPair || columns.ContainsKey(ColumnNames.Responses))
        {
            Add(ColumnNames.ResponseTokens, NumberDataViewType.Int32);
            Add(ColumnNames.ResponseLengths, NumberDataViewType.Int32);
            if (!columns.ContainsKey(ColumnNames.Responses)) Add(ColumnNames.Scores, NumberDataViewType.Single);
        }
        return new SchemaShape(columns.Values);
    }
}
