using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Microsoft.ML.Tokenizers;
using MLNet.Dpo.DataViews;

namespace MLNet.Dpo;

/// <summary>
/// Makes token ids of prompts and responses, by a model's own tokenizer and chat template, as TRL does. Nothing is learnt from the data.
/// </summary>
public sealed class PreferenceTokenizingEstimator : IEstimator<PreferenceTokenizingTransformer>
{
    private readonly IHostEnvironment _env;
    private readonly ChatTokenizer _tokenizer;
    private readonly TemplateSettings _settings;
    private readonly InputColumnNames _names;

    internal PreferenceTokenizingEstimator(IHostEnvironment env, Tokenizer tokenizer, Options options)
    {
        ArgumentNullException.ThrowIfNull(env);
        ArgumentNullException.ThrowIfNull(tokenizer);
        ArgumentNullException.ThrowIfNull(options);
        _env = env;
        _tokenizer = options.CreateTokenizer(tokenizer);
        _names = options.CreateNames();
        _settings = options.CreateSettings(_tokenizer);
        _ = new PreferenceTokenizer(_tokenizer, _settings);
    }

    /// <summary>Settings of <see cref="PreferenceTokenizingEstimator"/>.</summary>
    public sealed class Options
    {
        /// <summary>
        /// True: a prompt is a conversation, put into the chat template. False: prompt and response are one text, closed by the end token.
        /// Null: true where there is a chat template. Default null.
        /// </summary>
        public bool? ApplyChatTemplate { get; set; }

        /// <summary>
        /// The Jinja source of the chat template. Null: the one that comes with a <see cref="HuggingFaceTokenizer"/>; other tokenizers have none. Default null.
        /// </summary>
        public string? ChatTemplate { get; set; }

        /// <summary>
        /// The name of one of the tokenizer's own chat templates (<see cref="HuggingFaceTokenizer.ChatTemplateNames"/>), for all rows. Null: the one named "default", or for rows with
        /// tools the one named "tool_use" where there is one; an error where there are only others. Not together with <see cref="ChatTemplate"/>. Default null.
        /// </summary>
        public string? ChatTemplateName { get; set; }

        /// <summary>
        /// Further variables of the chat template, such as <c>{"enable_thinking": false}</c>: for every row, but where its column <see cref="ColumnNames.ChatTemplateArguments"/> says
        /// otherwise. Null for none. Default null.
        /// </summary>
        public JsonObject? ChatTemplateArguments { get; set; }

        /// <summary>
        /// Whether control tokens (added tokens that are marked special, such as <c>&lt;|im_end|&gt;</c>) count as such in the messages of a prompt to be answered, as transformers reads
        /// them. False: there they are ordinary text, so that whoever types them ends no turn and begins none. Rows with responses are always read as transformers reads them, and so are
        /// prompts without a chat template. Default false.
        /// </summary>
        public bool AllowControlTokens { get; set; }

        /// <summary>
        /// Special tokens by role (<c>bos_token</c>, <c>eos_token</c>, ...), each one token of the tokenizer: chat templates see them, completions do not show them, and
        /// <c>eos_token</c> ends plain text. Null for none. A <see cref="HuggingFaceTokenizer"/> knows its own. Default null.
        /// </summary>
        public IReadOnlyDictionary<string, string>? SpecialTokens { get; set; }

        /// <summary>The column of prompts as plain text. Default <see cref="ColumnNames.Prompt"/>.</summary>
        public string PromptColumnName { get; set; } = ColumnNames.Prompt;

        /// <summary>The column of prompts as messages. Default <see cref="ColumnNames.Messages"/>.</summary>
        public string MessagesColumnName { get; set; } = ColumnNames.Messages;

        /// <summary>The column of responses as plain texts. Default <see cref="ColumnNames.Responses"/>.</summary>
        public string ResponsesColumnName { get; set; } = ColumnNames.Responses;

        /// <summary>The column of responses as messages. Default <see cref="ColumnNames.ResponseMessages"/>.</summary>
        public string ResponseMessagesColumnName { get; set; } = ColumnNames.ResponseMessages;

        /// <summary>The column of preferred responses. Default <see cref="ColumnNames.Chosen"/>.</summary>
        public string ChosenColumnName { get; set; } = ColumnNames.Chosen;

        /// <summary>The column of other responses. Default <see cref="ColumnNames.Rejected"/>.</summary>
        public string RejectedColumnName { get; set; } = ColumnNames.Rejected;

        /// <summary>The column of the responses' scores; under another name it is copied to <see cref="ColumnNames.Scores"/>. Default <see cref="ColumnNames.Scores"/>.</summary>
        public string ScoresColumnName { get; set; } = ColumnNames.Scores;

        /// <summary>The column of tools. Default <see cref="ColumnNames.Tools"/>.</summary>
        public string ToolsColumnName { get; set; } = ColumnNames.Tools;

        /// <summary>The column of further variables of the chat template. Default <see cref="ColumnNames.ChatTemplateArguments"/>.</summary>
        public string ChatTemplateArgumentsColumnName { get; set; } = ColumnNames.ChatTemplateArguments;

        internal InputColumnNames CreateNames()
        {
            var names = new InputColumnNames
            {
                Prompt = PromptColumnName,
                Messages = MessagesColumnName,
                Responses = ResponsesColumnName,
                ResponseMessages = ResponseMessagesColumnName,
                Chosen = ChosenColumnName,
                Rejected = RejectedColumnName,
                Scores = ScoresColumnName,
                Tools = ToolsColumnName,
                ChatTemplateArguments = ChatTemplateArgumentsColumnName,
            };
            foreach (var (key, name) in names.All())
            {
                if (string.IsNullOrEmpty(name)) throw new ArgumentException($"{key}ColumnName is empty; give the column's name, or leave it out for the usual one, {key}.");
            }
            if (names.All().GroupBy(name => name.Value).FirstOrDefault(same => same.Count() > 1) is { } twice)
                throw new ArgumentException($"{string.Join("ColumnName and ", twice.Select(name => name.Key))}ColumnName are both '{twice.Key}'; give each its own column.");
            return names;
        }

        internal TemplateSettings CreateSettings(ChatTokenizer tokenizer)
        {
            try
            {
                return new TemplateSettings(ApplyChatTemplate ?? tokenizer.ChatTemplate is not null)
                {
                    Arguments = TemplateInputs.Checked(ChatTemplateArguments ?? []),
                    AllowsControlTokens = AllowControlTokens,
                };
            }
            catch (FormatException e)
            {
                throw new ArgumentException($"{nameof(ChatTemplateArguments)} {e.Message}.", e);
            }
        }

        internal ChatTokenizer CreateTokenizer(Tokenizer tokenizer)
        {
            if (ChatTemplate is not null && ChatTemplateName is not null)
                throw new ArgumentException($"ChatTemplate and ChatTemplateName ('{ChatTemplateName}') are both given; give one of them.");
            if (tokenizer is not HuggingFaceTokenizer && ChatTemplateName is not null)
                throw new ArgumentException($"ChatTemplateName is '{ChatTemplateName}', but a {tokenizer.GetType().Name} has no chat templates; give one as ChatTemplate.");
            if (tokenizer is not HuggingFaceTokenizer huggingFace)
                return new ChatTokenizer(tokenizer, ChatTemplate, SpecialTokens ?? new Dictionary<string, string>());
            if (SpecialTokens is not null)
                throw new ArgumentException("SpecialTokens is given, but the tokenizer is a HuggingFaceTokenizer, whose tokenizer_config.json names them; leave SpecialTokens null.");
            var template = ChatTemplateName is null ? ChatTemplate : huggingFace.ChatTemplates.Source(ChatTemplateName);
            return new ChatTokenizer(template is null ? huggingFace : huggingFace.WithChatTemplate(template));
        }
    }

    /// <summary>Checks the input's columns and gives the transformer.</summary>
    /// <param name="input">Columns Prompt or Messages, and those of the responses.</param>
    /// <exception cref="ArgumentException">The columns Prompt and Messages are both missing, or of Chosen and Rejected one, or one is of another type.</exception>
    public PreferenceTokenizingTransformer Fit(IDataView input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var transformer = new PreferenceTokenizingTransformer(_env, _tokenizer, _settings, _names);
        _ = transformer.GetOutputSchema(input.Schema);
        return transformer;
    }

    /// <inheritdoc/>
    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        ArgumentNullException.ThrowIfNull(inputSchema);
        var columns = inputSchema.ToDictionary(c => c.Name);
        if (!columns.ContainsKey(_names.Prompt) && !columns.ContainsKey(_names.Messages)) throw PreferenceColumns.Missing($"{_names.Prompt} or {_names.Messages}");
        void Add(string name, DataViewType item) => columns[name] = new SchemaShape.Column(name, SchemaShape.Column.VectorKind.VariableVector, item, false);

        var asGroup = columns.ContainsKey(_names.Responses) || columns.ContainsKey(_names.ResponseMessages);
        var asPair = !asGroup && columns.ContainsKey(_names.Chosen) && columns.ContainsKey(_names.Rejected);
        Add(ColumnNames.PromptTokens, NumberDataViewType.Int32);
        if (asGroup || asPair)
        {
            Add(ColumnNames.ResponseTokens, NumberDataViewType.Int32);
            Add(ColumnNames.ResponseLengths, NumberDataViewType.Int32);
            columns[ColumnNames.PromptIsPrefix] = new SchemaShape.Column(ColumnNames.PromptIsPrefix, SchemaShape.Column.VectorKind.Scalar, BooleanDataViewType.Instance, false);
            if (asPair || (_names.Scores != ColumnNames.Scores && columns.ContainsKey(_names.Scores))) Add(ColumnNames.Scores, NumberDataViewType.Single);
            if (columns.ContainsKey(ColumnNames.LossWeights)) Add(ColumnNames.PromptWeights, NumberDataViewType.Single);
        }
        return new SchemaShape(columns.Values);
    }
}
