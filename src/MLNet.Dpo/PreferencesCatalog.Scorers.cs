using Microsoft.ML;
using MLNet.Dpo.Checks;
using MLNet.Dpo.DataViews;
using MLNet.Dpo.Labeling;
using MLNet.Dpo.Labeling.Rules;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>What scores responses: rules, models of ML.NET, chat models, and sums of these.</summary>
    public ScorerCatalog Scorers => new(_ml);

    /// <summary>
    /// Scorers of responses. Each is an estimator that reads Prompt or Messages with Responses, ResponseMessages or Chosen and Rejected, and adds a vector of Single, a score for
    /// each response, higher for better ones. Several write to columns of their own and are appended to each other, <see cref="WeightedSum(ScoreWeight[])"/> last.
    /// </summary>
    public sealed class ScorerCatalog
    {
        private readonly MLContext _ml;

        internal ScorerCatalog(MLContext ml) => _ml = ml;

        /// <summary>Shorter, or longer, is better.</summary>
        /// <param name="goal">Which of the two. The score is the length, for <see cref="LengthGoal.Shorter"/> times -1.</param>
        /// <param name="unit">What is counted.</param>
        /// <param name="tokenizer">Counts tokens; only with <see cref="LengthUnit.Tokens"/>.</param>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <exception cref="ArgumentException">A tokenizer is missing or not needed.</exception>
        /// <example><code>
        /// IDataView scored = ml.Preferences.Scorers.Length(LengthGoal.Shorter).Fit(samples).Transform(samples);
        /// </code></example>
        public ScoringEstimator Length(
            LengthGoal goal, LengthUnit unit = LengthUnit.Characters, HuggingFaceTokenizer? tokenizer = null, string outputColumnName = ColumnNames.Scores) =>
            new(_ml, LengthScorer.Towards(goal, unit, tokenizer), outputColumnName);

        /// <summary>The nearer to a length the better: the score is the distance from it times -1.</summary>
        /// <param name="target">The wished length; 0 or more.</param>
        /// <param name="unit">What is counted.</param>
        /// <param name="tokenizer">Counts tokens; only with <see cref="LengthUnit.Tokens"/>.</param>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <exception cref="ArgumentException">A tokenizer is missing or not needed, or the target is below 0.</exception>
        public ScoringEstimator Length(
            int target, LengthUnit unit = LengthUnit.Characters, HuggingFaceTokenizer? tokenizer = null, string outputColumnName = ColumnNames.Scores)
        {
            Checks.OptionCheck.AtLeast(target, 0, nameof(target));
            return new(_ml, LengthScorer.Near(target, unit, tokenizer), outputColumnName);
        }

        /// <summary>1 where a regular expression is found in the response, otherwise 0; the other way round with <paramref name="shouldMatch"/> false.</summary>
        /// <param name="pattern">A regular expression of .NET. One that takes longer than a second for a response is an error.</param>
        /// <param name="shouldMatch">Whether a match is the good thing.</param>
        /// <param name="ignoreCase">Whether small and capital letters are the same.</param>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <exception cref="ArgumentException">The pattern is no regular expression.</exception>
        /// <example><code>
        /// var stageDirections = ml.Preferences.Scorers.Regex("（[^）]+）");
        /// </code></example>
        public ScoringEstimator Regex(string pattern, bool shouldMatch = true, bool ignoreCase = false, string outputColumnName = ColumnNames.Scores)
        {
            ArgumentNullException.ThrowIfNull(pattern);
            return new(_ml, new RegexScorer(pattern, shouldMatch, ignoreCase), outputColumnName);
        }

        /// <summary>The share of the keywords that are in the response; with <paramref name="wanted"/> false, 1 where none is in it, otherwise 0.</summary>
        /// <param name="keywords">Words or phrases; small and capital letters are the same. In scripts with spaces they are whole words, in others (Chinese, Japanese) found anywhere.</param>
        /// <param name="wanted">Whether they are good.</param>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <exception cref="ArgumentException">There is none, or one is blank.</exception>
        public ScoringEstimator Keywords(IEnumerable<string> keywords, bool wanted = true, string outputColumnName = ColumnNames.Scores)
        {
            ArgumentNullException.ThrowIfNull(keywords);
            return new(_ml, new KeywordScorer(keywords, wanted), outputColumnName);
        }

        /// <summary>Whether the response, as a whole, is JSON: 0 where it is not, 0.5 where it is, but of another form than the schema asks for, 1 where all is right.</summary>
        /// <param name="schema">
        /// A JSON Schema, as text, with type, enum, const, bounds of numbers, lengths and pattern of texts, items, properties, required, additionalProperties, anyOf, allOf, oneOf
        /// and not; another keyword that asks for something is an error. Null for any JSON.
        /// </param>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <exception cref="ArgumentException">The schema is no JSON, or has a keyword that is not supported.</exception>
        /// <example><code>
        /// var json = ml.Preferences.Scorers.Json("""{"type": "object", "required": ["out"], "properties": {"out": {"type": "string"}}}""");
        /// </code></example>
        public ScoringEstimator Json(string? schema = null, string outputColumnName = ColumnNames.Scores) => new(_ml, new JsonScorer(schema), outputColumnName);

        /// <summary>
        /// The share of the response's letters that are in a script, 0 to 1. A script is not a language: this tells Chinese from English, not German from English. Without letters the
        /// score is 0, and 1 where the prompt's script is asked for.
        /// </summary>
        /// <param name="script">The script; null for the one that most of the prompt's letters are in, so that answers in the user's own script are the better ones.</param>
        /// <param name="outputColumnName">The column of scores.</param>
        public ScoringEstimator Script(WritingScript? script = null, string outputColumnName = ColumnNames.Scores) => script is null || Enum.IsDefined(script.Value)
            ? new(_ml, new ScriptScorer(script), outputColumnName)
            : throw new ArgumentException($"script is {script}; allowed: {string.Join(", ", Enum.GetNames<WritingScript>())}, or null for the prompt's.");

        /// <summary>A function of the program: from a prompt and its responses to a score for each. It cannot be saved.</summary>
        /// <param name="name">What logs and errors call it.</param>
        /// <param name="score">Gets the prompt (a text, or a conversation's messages as JSON) and the responses' texts. NaN says that it has no score for one.</param>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <example><code>
        /// var exact = ml.Preferences.Scorers.Custom("exact", (prompt, responses) => [.. responses.Select(r => r == answers[prompt] ? 1f : 0f)]);
        /// </code></example>
        public ScoringEstimator Custom(string name, Func<string, IReadOnlyList<string>, IReadOnlyList<float>> score, string outputColumnName = ColumnNames.Scores)
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            ArgumentNullException.ThrowIfNull(score);
            return new(_ml, new CustomScorer(name, score), outputColumnName);
        }

        /// <summary>
        /// Any ML.NET transformer as a scorer: it gets each response as a row with the text columns Prompt (what the user says last) and Response, and (for pipelines whose
        /// training half wants them) a Label (Boolean) and Rating (Single) without meaning.
        /// </summary>
        /// <param name="model">A fitted pipeline or a loaded model that works row by row.</param>
        /// <param name="scoreColumnName">Its column with the score: one Single, or one for each class.</param>
        /// <param name="className">The class whose score counts, where there is one for each.</param>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <exception cref="ArgumentException">The model cannot score such rows, or has no such column or class.</exception>
        /// <example><code>
        /// var sentiment = ml.Preferences.Scorers.Model(ml.Model.Load("sentiment.zip", out _), scoreColumnName: "Probability");
        /// </code></example>
        public ScoringEstimator Model(ITransformer model, string scoreColumnName = "Score", string? className = null, string outputColumnName = ColumnNames.Scores)
        {
            ArgumentNullException.ThrowIfNull(model);
            ArgumentException.ThrowIfNullOrEmpty(scoreColumnName);
            return new(_ml, new ModelScorer(model, scoreColumnName, className, PromptSet.None), outputColumnName);
        }

        /// <summary>
        /// A scorer that learns from people's labels: <see cref="Examples"/> are made of the rows that it is fitted to, the pipeline is trained on them, and scores as
        /// <see cref="Model"/> does. It remembers the prompts, so that <see cref="Agreement"/> does not count them.
        /// </summary>
        /// <param name="pipeline">From the text columns Prompt and Response and the Label to a score. Null: FeaturizeText of the response and a linear classifier (logistic regression by SDCA).</param>
        /// <param name="scoreColumnName">The pipeline's column with the score.</param>
        /// <param name="className">The class whose score counts, where there is one for each.</param>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <example><code>
        /// var split = ml.Preferences.TrainTestSplit(labels);
        /// ScoringTransformer scorer = ml.Preferences.Scorers.Learn().Fit(split.TrainSet);
        /// Console.WriteLine(ml.Preferences.Agreement(split.TestSet, scorer));
        /// </code></example>
        public ScoringEstimator Learn(
            IEstimator<ITransformer>? pipeline = null, string scoreColumnName = "Score", string? className = null, string outputColumnName = ColumnNames.Scores)
        {
            pipeline ??= _ml.Transforms.Text.FeaturizeText("Features", nameof(LabelExample.Response)).Append(_ml.BinaryClassification.Trainers.SdcaLogisticRegression());
            return new(_ml, outputColumnName, _ => { }, labels => LearnedScorers.Train(_ml, pipeline, labels, scoreColumnName, className));
        }

        /// <summary>
        /// People's labels as examples for ML.NET's trainers: PromptKey (for splits), Prompt, Response, Label (Boolean: is the score above the middle of the row's best and
        /// worst) and Rating (Single: the score). Rows whose scores are all equal, and responses in the very middle, say neither and are left out.
        /// </summary>
        /// <param name="labels">Rows with people's scores, or with Chosen and Rejected.</param>
        /// <returns>A row for each response. The labels are read once, here.</returns>
        /// <exception cref="PreferenceDataException">There is no better and worse response in them.</exception>
        public IDataView Examples(IDataView labels)
        {
            ArgumentNullException.ThrowIfNull(labels);
            return _ml.Data.LoadFromEnumerable(LearnedScorers.Examples(labels));
        }

        /// <summary>The implicit reward of a tuned chat model, β · (log-probability - the reference's): what DPO taught it to prefer.</summary>
        /// <param name="model">A chain that tokenises and scores: a fitted pipeline, a loaded model, or <see cref="LoadPretrained"/> with an adapter. The caller keeps and disposes it.</param>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <exception cref="ArgumentException">The model knows no reference (it was trained in all its weights, or not at all).</exception>
        public ScoringEstimator ImplicitReward(ITransformer model, string outputColumnName = ColumnNames.Scores) => Find(model).HasReference
            ? new(_ml, new NetworkScorer(model, NetworkScore.ImplicitReward, Find(model).MaxLength, Find(model).TruncationMode), outputColumnName)
            : throw new ArgumentException("The model has no reference, so it has no implicit reward; give one that was trained with LoRA, or load one with its adapter: ml.Preferences.LoadPretrained(folder, adapter: ...).", nameof(model));

        /// <summary>The mean log-probability a token of the response under a chat model, end-of-turn token included: how likely the model finds it, whatever its length.</summary>
        /// <param name="model">A chain that tokenises and scores: a fitted pipeline, a loaded model, or <see cref="LoadPretrained"/>. The caller keeps and disposes it.</param>
        /// <param name="outputColumnName">The column of scores; NaN where the prompt alone fills the model's <see cref="CausalLMTransformer.MaxLength"/>.</param>
        /// <exception cref="ArgumentException">There is no chat model in it.</exception>
        public ScoringEstimator MeanLogp(ITransformer model, string outputColumnName = ColumnNames.Scores) =>
            new(_ml, new NetworkScorer(model, NetworkScore.MeanLogp, Find(model).MaxLength, Find(model).TruncationMode), outputColumnName);

        /// <summary>The weighted sum of other scorers' columns. Bring them to one scale by the weights, or by <see cref="Calibrate"/>.</summary>
        /// <param name="weights">The columns, one or more, and what their scores are multiplied with.</param>
        /// <returns>A scorer that writes to <see cref="ColumnNames.Scores"/>.</returns>
        /// <exception cref="ArgumentException">There is no weight, one is no number, or a column stands twice.</exception>
        /// <example><code>
        /// var scorer = ml.Preferences.Scorers.Length(20, LengthUnit.Words, outputColumnName: "Length")
        ///     .Append(ml.Preferences.Scorers.Keywords(["sorry"], wanted: false, outputColumnName: "Tone"))
        ///     .Append(ml.Preferences.Scorers.WeightedSum(new ScoreWeight("Length", 0.1), new ScoreWeight("Tone", 1)));
        /// </code></example>
        public ScoringEstimator WeightedSum(params ScoreWeight[] weights) => WeightedSum(ColumnNames.Scores, weights);

        /// <summary>The weighted sum of other scorers' columns, in a column of another name.</summary>
        /// <inheritdoc cref="WeightedSum(ScoreWeight[])"/>
        /// <param name="outputColumnName">The column of scores.</param>
        /// <param name="weights">The columns, one or more, and what their scores are multiplied with.</param>
        public ScoringEstimator WeightedSum(string outputColumnName, params ScoreWeight[] weights)
        {
            ArgumentNullException.ThrowIfNull(weights);
            if (weights.Length == 0) throw new ArgumentException("weights is empty; give one column or more.");
            if (weights.FirstOrDefault(weight => !double.IsFinite(weight.Weight)) is { } wrong) throw new ArgumentException($"the weight of {wrong.ColumnName} is {wrong.Weight}; give a number.");
            if (weights.GroupBy(weight => weight.ColumnName).FirstOrDefault(same => same.Count() > 1) is { } twice) throw new ArgumentException($"column {twice.Key} stands in weights twice; give it one weight.");
            return new(_ml, new WeightedSumScorer([.. weights]), outputColumnName);
        }

        /// <summary>
        /// A scorer's column as probabilities, by ML.NET's calibrators fitted to people's labels: how likely it is that people take a response with this score for a good one
        /// (<see cref="Examples"/> says what is good). Scores of several scorers are comparable then. It remembers the labels' prompts, so that <see cref="Agreement"/> does not count them.
        /// </summary>
        /// <param name="inputColumnName">The scorer's column. It may hide the labels' own, which are still read.</param>
        /// <param name="kind">Platt's sigmoid, or a staircase for many labels.</param>
        /// <param name="outputColumnName">The column of probabilities.</param>
        /// <returns>An estimator whose Fit throws a <see cref="PreferenceDataException"/> where the scores say nothing, or fall as people's rise.</returns>
        /// <example><code>
        /// var calibrated = ml.Preferences.Scorers.Length(LengthGoal.Shorter, outputColumnName: "Raw").Append(ml.Preferences.Scorers.Calibrate("Raw")).Fit(labels);
        /// </code></example>
        public ScoringEstimator Calibrate(string inputColumnName = ColumnNames.Scores, CalibratorKind kind = CalibratorKind.Platt, string outputColumnName = ColumnNames.Scores)
        {
            ArgumentException.ThrowIfNullOrEmpty(inputColumnName);
            OptionCheck.Defined(kind, nameof(kind));
            return new(_ml, outputColumnName, shape => ScoreColumn.CheckShape(shape, inputColumnName), labels => LearnedScorers.Calibrate(_ml, labels, inputColumnName, kind));
        }

        private static CausalLMTransformer Find(ITransformer model)
        {
            ArgumentNullException.ThrowIfNull(model);
            _ = PipelineParts.Find<PreferenceTokenizingTransformer>(model);
            return PipelineParts.Find<CausalLMTransformer>(model);
        }
    }
}
