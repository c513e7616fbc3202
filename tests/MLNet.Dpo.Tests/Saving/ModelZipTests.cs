using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests.Saving;

/// <summary>What lies in a model zip, and which zips load.</summary>
public class ModelZipTests
{
    private sealed class Row
    {
        public string Prompt { get; set; } = "";

        public string Chosen { get; set; } = "";

        public string Rejected { get; set; } = "";
    }

    private sealed class Answer
    {
        public string Completion { get; set; } = "";

        public float[] Logps { get; set; } = [];

        public float[] Rewards { get; set; } = [];

        public float Margin { get; set; }
    }

    private static readonly Row[] Rows = [new() { Prompt = "say one", Chosen = "one", Rejected = "I would rather not say it." }];

    [Fact]
    public void LoadZip_EntryThatUnpacksToFarMoreThanItHas_IsRefusedBeforeItIsUnpacked()
    {
        using var folder = new TemporaryFolder();
        var path = folder["model.zip"];
        File.Copy(Fixtures.PathTo("zips", "keyless.zip"), path);
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Update))
        using (var entry = zip.CreateEntry("Bomb/tokenizer.json", CompressionLevel.Fastest).Open())
            for (var i = 0; i < 80; i++) entry.Write(new byte[1 << 20]);
        var error = Assert.Throws<InvalidDataException>(() => new MLContext().Preferences.LoadZip(path, out _));
        Assert.Contains("the entry Bomb/tokenizer.json has ", error.Message, StringComparison.Ordinal);
        Assert.Contains("would unpack to 83886080", error.Message, StringComparison.Ordinal);
        using var stream = File.OpenRead(path);
        var wrapped = Assert.ThrowsAny<Exception>(() => new MLContext().Model.Load(stream, out _));
        Assert.Contains("would unpack to", wrapped.GetBaseException().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ZipOfTheVersionBefore_GivesWhatItGaveThen()
    {
        var recorded = JsonNode.Parse(File.ReadAllText(Fixtures.PathTo("zips", "keyless.json")))!;
        Row[] rows = [.. recorded["rows"]!.AsArray().Select(r => new Row { Prompt = (string)r!["Prompt"]!, Chosen = (string)r["Chosen"]!, Rejected = (string)r["Rejected"]! })];
        var ml = new MLContext(seed: 1);
        var model = ml.Model.Load(Fixtures.PathTo("zips", "keyless.zip"), out _);
        var answers = Answers(ml, model, rows);

        Assert.Equal(3, answers.Length);
        foreach (var (expected, actual) in recorded["answers"]!.AsArray().Zip(answers))
        {
            Assert.Equal((string)expected!["Completion"]!, actual.Completion);
            AssertClose([.. Numbers(expected["Logps"]!), .. Numbers(expected["Rewards"]!), (float)expected["Margin"]!], [.. actual.Logps, .. actual.Rewards, actual.Margin]);
        }
        var generation = LastOf(model).Generation;
        Assert.Equal(
            TestJson.Text(new GenerationOptions { MaxNewTokens = 12, RepetitionPenalty = 1.1, NoRepeatNgramSize = 3, Seed = 5, BatchSize = 4, StopTokenIds = [5] }),
            TestJson.Text(generation));
        Assert.Equal(0.2, LastOf(model).Beta);
    }

    [Fact]
    public void Save_ChainThenSavedAgain_HoldsTheTokenizerOnce()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var model = Train(ml, Fixtures.Llama);
        ml.Model.Save(model, null, folder["model.zip"]);
        Assert.Single(EntriesOf(folder["model.zip"]), name => name.EndsWith("tokenizer.json", StringComparison.Ordinal));

        var again = ml.Model.Load(folder["model.zip"], out _);
        ml.Model.Save(again, null, folder["again.zip"]);
        Assert.Equal(EntriesOf(folder["model.zip"]), EntriesOf(folder["again.zip"]));
        Assert.Equal(Texts(Answers(ml, model, Rows)), Texts(Answers(ml, ml.Model.Load(folder["again.zip"], out _), Rows)));
    }

    [Fact]
    public void Save_EachLinkAloneAndInAChainWithin_Loads()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var model = Train(ml, Fixtures.Llama);
        var expected = Texts(Answers(ml, model, Rows));

        ITransformer[] links = [.. model];
        for (var i = 0; i < links.Length; i++) ml.Model.Save(links[i], null, folder[$"{i}.zip"]);
        var loaded = Enumerable.Range(0, links.Length).Select(i => ml.Model.Load(folder[$"{i}.zip"], out _)).ToArray();
        Assert.Equal(expected, Texts(Answers(ml, new TransformerChain<ITransformer>(loaded), Rows)));

        ml.Model.Save(new TransformerChain<ITransformer>(new TransformerChain<ITransformer>(links[0]), links[1]), null, folder["nested.zip"]);
        Assert.Single(EntriesOf(folder["nested.zip"]), name => name.EndsWith("tokenizer.json", StringComparison.Ordinal));
        Assert.Equal(expected, Texts(Answers(ml, ml.Model.Load(folder["nested.zip"], out _), Rows)));
    }

    [Theory]
    [InlineData(BaseModelStorage.Embedded)]
    [InlineData(BaseModelStorage.Reference)]
    public void Save_AnyStorage_NamesNoPathOfThisMachine(BaseModelStorage storage)
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var model = Train(ml, CopyOfBase(folder["work/base"]));
        model.LastTransformer.Storage = storage;
        ml.Model.Save(model, null, folder["work/ml.zip"]);
        ml.Preferences.SaveZip(model, null, folder["work/own.zip"]);
        foreach (var zip in new[] { "work/ml.zip", "work/own.zip" })
        {
            using var archive = ZipFile.OpenRead(folder[zip]);
            foreach (var entry in archive.Entries)
            {
                using var bytes = new MemoryStream();
                using (var stream = entry.Open()) stream.CopyTo(bytes);
                foreach (var path in new[] { folder.Path, Path.GetTempPath().TrimEnd(Path.DirectorySeparatorChar), Fixtures.Root })
                {
                    Assert.False(bytes.ToArray().AsSpan().IndexOf(Encoding.UTF8.GetBytes(path)) >= 0, $"{entry.FullName} names {path}");
                    Assert.False(bytes.ToArray().AsSpan().IndexOf(Encoding.Unicode.GetBytes(path)) >= 0, $"{entry.FullName} names {path}");
                }
            }
        }
    }

    [Fact]
    public void Load_ReferenceMovedWithItsBase_FindsIt()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var model = Train(ml, CopyOfBase(folder["here/models/base"]));
        model.LastTransformer.Storage = BaseModelStorage.Reference;
        Directory.CreateDirectory(folder["here/out"]);
        ml.Model.Save(model, null, folder["here/out/model.zip"]);
        var expected = Texts(Answers(ml, model, Rows));

        Directory.Move(folder["here"], folder["there"]);
        var moved = ml.Model.Load(folder["there/out/model.zip"], out _);
        Assert.Equal(expected, Texts(Answers(ml, moved, Rows)));
        Directory.Move(folder["there/models/base"], folder["there/out/base"]);
        var beside = ml.Model.Load(folder["there/out/model.zip"], out _);
        Assert.Equal(expected, Texts(Answers(ml, beside, Rows)));

        ml.Preferences.SaveZip(beside, null, folder["again.zip"]); // the storage is not part of a model: it has the weights again
        Assert.Equal(expected, Texts(Answers(ml, ml.Model.Load(folder["again.zip"], out _), Rows)));
    }

    [Fact]
    public void Save_BaseChangedSinceItWasLoaded_IsAnErrorAndEmbeddingIsNot()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var model = Train(ml, CopyOfBase(folder["base"]));
        var expected = Texts(Answers(ml, model, Rows));
        RuinBase(folder["base"]);
        model.LastTransformer.Storage = BaseModelStorage.Reference;
        var error = Assert.Throws<InvalidDataException>(() => ml.Preferences.SaveZip(model, null, folder["model.zip"]));
        Assert.Contains("has other weights than when this model was loaded", error.Message, StringComparison.Ordinal);
        Assert.False(File.Exists(folder["model.zip"]));
        model.LastTransformer.Storage = BaseModelStorage.Embedded;
        ml.Preferences.SaveZip(model, null, folder["model.zip"]);
        Assert.Equal(expected, Texts(Answers(ml, ml.Model.Load(folder["model.zip"], out _), Rows)));
    }

    [Fact]
    public void Load_BaseChangedSinceSaving_IsAnErrorUntilItIsBack()
    {
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var model = Train(ml, CopyOfBase(folder["base"]));
        var expected = Texts(Answers(ml, model, Rows));
        model.LastTransformer.Storage = BaseModelStorage.Reference;
        ml.Preferences.SaveZip(model, null, folder["model.zip"]);
        RuinBase(folder["base"]);
        var error = Assert.ThrowsAny<Exception>(() => ml.Model.Load(folder["model.zip"], out _)).GetBaseException();
        Assert.Contains("is not the one that the saved model was trained on", error.Message, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder["base"], "model.safetensors"), "");
        error = Assert.ThrowsAny<Exception>(() => ml.Model.Load(folder["model.zip"], out _));
        while (error.InnerException is { } inner && !error.Message.Contains("base model at", StringComparison.Ordinal)) error = inner;
        Assert.Contains("is not the one that the saved model was trained on", error.Message, StringComparison.Ordinal);
        File.Copy(Path.Combine(Fixtures.Llama, "model.safetensors"), Path.Combine(folder["base"], "model.safetensors"), overwrite: true);
        Assert.Equal(expected, Texts(Answers(ml, ml.Model.Load(folder["model.zip"], out _), Rows)));
    }

    [Fact]
    public void SaveZip_OntoALink_KeepsItAndFindsTheBaseByEitherName()
    {
        if (OperatingSystem.IsWindows()) return; // links take a privilege there
        using var folder = new TemporaryFolder();
        var ml = new MLContext(seed: 1);
        using var model = Train(ml, CopyOfBase(folder["disk/models/base"]));
        model.LastTransformer.Storage = BaseModelStorage.Reference;
        var expected = Texts(Answers(ml, model, Rows));
        File.CreateSymbolicLink(folder["model.zip"], folder["disk/model.zip"]);
        ml.Preferences.SaveZip(model, null, folder["model.zip"]);
        Assert.Equal(folder["disk/model.zip"], new FileInfo(folder["model.zip"]).LinkTarget);
        foreach (var name in new[] { "model.zip", "disk/model.zip" }) Assert.Equal(expected, Texts(Answers(ml, ml.Model.Load(folder[name], out _), Rows)));
    }

    // The last bit of the last weight's highest byte but one: another number, and no damage that a reader could see.
    private static void RuinBase(string folder)
    {
        var path = Path.Combine(folder, "model.safetensors");
        var bytes = File.ReadAllBytes(path);
        bytes[^2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static TransformerChain<CausalLMTransformer> Train(MLContext ml, string baseModel)
    {
        var options = new DpoTrainer.Options { BaseModel = baseModel, Tokenizer = Fixtures.TinyChatml, LearningRate = 2e-3, MaxSteps = 1, MaxLength = 128, Device = "cpu" };
        var model = ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(ml.Preferences.Trainers.Dpo(options)).Fit(ml.Data.LoadFromEnumerable(Rows));
        model.LastTransformer.Generation = new GenerationOptions { MaxNewTokens = 6, NoRepeatNgramSize = 3 };
        return model;
    }

    private static string CopyOfBase(string folder)
    {
        Directory.CreateDirectory(folder);
        foreach (var name in new[] { "config.json", "generation_config.json", "model.safetensors" }) File.Copy(Path.Combine(Fixtures.Llama, name), Path.Combine(folder, name));
        return folder;
    }

    private static Answer[] Answers(MLContext ml, ITransformer model, Row[] rows) =>
        [.. ml.Data.CreateEnumerable<Answer>(model.Transform(ml.Data.LoadFromEnumerable(rows)), reuseRowObject: false)];

    private static IEnumerable<float> Numbers(JsonNode array) => array.AsArray().Select(n => (float)n!);

    private static string Texts(Answer[] answers) => TestJson.Text(answers);

    private static CausalLMTransformer LastOf(ITransformer model) => ((IEnumerable<ITransformer>)model).OfType<CausalLMTransformer>().Last();

    private static string[] EntriesOf(string zip)
    {
        using var archive = ZipFile.OpenRead(zip);
        return [.. archive.Entries.Select(e => e.FullName)];
    }

    private static void AssertClose(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        foreach (var (e, a) in expected.Zip(actual)) Assert.Equal(e, a, 1e-3f * MathF.Max(1, MathF.Abs(e)));
    }
}
