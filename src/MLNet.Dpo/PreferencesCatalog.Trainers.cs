using Microsoft.ML;

namespace MLNet.Dpo;

public sealed partial class PreferencesCatalog
{
    /// <summary>The trainers of chat models.</summary>
    public sealed class TrainerCatalog
    {
        private readonly MLContext _ml;

        internal TrainerCatalog(MLContext ml) => _ml = ml;

        /// <summary>Direct Preference Optimization on pairs of responses, with a LoRA adapter.</summary>
        /// <param name="baseModel">The Hugging Face model folder to start from.</param>
        /// <param name="beta">How strongly the model is held to where it started, above 0; usually 0.1 to 0.5.</param>
        /// <param name="learningRate">The highest learning rate, above 0; null for <see cref="TrainingOptions.LearningRate"/>'s default.</param>
        /// <param name="epochs">Passes over the data; 1 or more.</param>
        /// <param name="batchSize">Rows in one optimizer step; 1 or more.</param>
        /// <param name="maxLength">The most tokens of prompt and response together; longer responses are cut.</param>
        /// <param name="validationSet">Data to evaluate on while training; raw rows are tokenised as the training rows were. Null for none.</param>
        /// <returns>The trainer, to be appended to <see cref="Tokenize(string, PreferenceTokenizingEstimator.Options)"/>.</returns>
        /// <exception cref="ArgumentException">An argument is missing or out of range.</exception>
        /// <example><code>
        /// var pipeline = ml.Preferences.Tokenize("models/tiny-chat")
        ///     .Append(ml.Preferences.Trainers.Dpo("models/tiny-chat", beta: 0.1, epochs: 2, validationSet: split.TestSet));
        /// var model = pipeline.Fit(split.TrainSet);
        /// </code></example>
        public DpoTrainer Dpo(
            string baseModel, double beta = 0.5, double? learningRate = null, int epochs = 3, int batchSize = 8, int maxLength = 1024, IDataView? validationSet = null) =>
            new(_ml, new DpoTrainer.Options
            {
                BaseModel = baseModel,
                Beta = beta,
                LearningRate = learningRate,
                Epochs = epochs,
                BatchSize = batchSize,
                MaxLength = maxLength,
                ValidationSet = validationSet,
            });

        /// <summary>Direct Preference Optimization on pairs of responses.</summary>
        /// <param name="options">All settings; later changes to them do not reach the trainer.</param>
        /// <returns>The trainer, to be appended to <see cref="Tokenize(string, PreferenceTokenizingEstimator.Options)"/>.</returns>
        /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
        /// <example><code>
        /// var options = new DpoTrainer.Options { BaseModel = "models/tiny-chat", LossType = DpoLossType.Ipo, OutputDirectory = "run" };
        /// var pipeline = ml.Preferences.Tokenize("models/tiny-chat").Append(ml.Preferences.Trainers.Dpo(options));
        /// </code></example>
        public DpoTrainer Dpo(DpoTrainer.Options options) => new(_ml, options);

        /// <summary>Supervised fine-tuning on responses, with a LoRA adapter.</summary>
        /// <param name="baseModel">The Hugging Face model folder to start from.</param>
        /// <param name="learningRate">The highest learning rate, above 0; null for <see cref="TrainingOptions.LearningRate"/>'s default.</param>
        /// <param name="epochs">Passes over the data; 1 or more.</param>
        /// <param name="batchSize">Rows in one optimizer step; 1 or more.</param>
        /// <param name="maxLength">The most tokens of prompt and response together; longer responses are cut.</param>
        /// <param name="validationSet">Data to evaluate on while training; raw rows are tokenised as the training rows were. Null for none.</param>
        /// <returns>The trainer, to be appended to <see cref="Tokenize(string, PreferenceTokenizingEstimator.Options)"/>.</returns>
        /// <exception cref="ArgumentException">An argument is missing or out of range.</exception>
        /// <example><code>
        /// var model = ml.Preferences.Tokenize("models/tiny-chat")
        ///     .Append(ml.Preferences.Trainers.Sft("models/tiny-chat", learningRate: 2e-4))
        ///     .Fit(ml.Preferences.Load("dialogues.jsonl"));
        /// </code></example>
        public SftTrainer Sft(
            string baseModel, double? learningRate = null, int epochs = 3, int batchSize = 8, int maxLength = 1024, IDataView? validationSet = null) =>
            new(_ml, new SftTrainer.Options
            {
                BaseModel = baseModel,
                LearningRate = learningRate,
                Epochs = epochs,
                BatchSize = batchSize,
                MaxLength = maxLength,
                ValidationSet = validationSet,
            });

        /// <summary>Supervised fine-tuning on responses.</summary>
        /// <param name="options">All settings; later changes to them do not reach the trainer.</param>
        /// <returns>The trainer, to be appended to <see cref="Tokenize(string, PreferenceTokenizingEstimator.Options)"/>.</returns>
        /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
        /// <example><code>
        /// var trainer = ml.Preferences.Trainers.Sft(new SftTrainer.Options { BaseModel = "models/tiny-chat", Lora = null, LearningRate = 2e-6 });
        /// </code></example>
        public SftTrainer Sft(SftTrainer.Options options) => new(_ml, options);
    }
}
