using Microsoft.ML;
using Microsoft.ML.Data;
using Xunit;

namespace MLNet.Dpo.Tests.DataViews;

/// <summary>A model's view passes over its source once, and what it hands through is of the row that it answers.</summary>
public sealed class CausalLMDataViewTests : IDisposable
{
    private static readonly string[] Prompts = ["hi", "bye", "thanks", "good morning", "hello there", "a", "b"];

    private readonly MLContext _ml = new(seed: 1);
    private readonly TransformerChain<CausalLMTransformer> _model;

    public CausalLMDataViewTests()
    {
        _model = _ml.Preferences.LoadPretrained(Fixtures.Llama, Fixtures.TinyChatml, "cpu");
        _model.LastTransformer.Generation = new GenerationOptions { MaxNewTokens = 4, BatchSize = 3 };
    }

    public void Dispose() => _model.Dispose();

    [Fact]
    public void GetRowCursor_SourceThatDoesNotRepeatItself_IsOpenedOnceAndAnswersStandAtTheirRows()
    {
        var source = new OnePassView(_ml, Prompts);
        var answers = _ml.Data.CreateEnumerable<Answer>(_model.Transform(source), reuseRowObject: false).ToList();
        Assert.Equal(1, source.Opened);
        Assert.Equal(Prompts, answers.Select(a => a.Prompt));
        Assert.Equal(Enumerable.Range(0, Prompts.Length), answers.Select(a => a.Number));
        Assert.All(answers, a => Assert.Equal<float>([a.Number, .. a.Prompt.Select(c => (float)c)], a.Parts));
        var alone = new GenerationOptions { MaxNewTokens = 4 };
        Assert.Equal(Prompts.Select(prompt => _ml.Preferences.Generate(_model, prompt, alone)), answers.Select(a => a.Completion));
        Assert.All(answers, a => Assert.Equal(2, a.Logps.Length));
    }

    [Fact]
    public void GetRowCursor_ColumnsReadLate_ArePositionAndIdOfTheirRow()
    {
        var view = _model.Transform(new OnePassView(_ml, Prompts));
        using var cursor = view.GetRowCursor([view.Schema["Number"], view.Schema["Completion"]]);
        Assert.Equal(-1, cursor.Position);
        for (var row = 0; cursor.MoveNext(); row++)
        {
            var (number, id) = (0, default(DataViewRowId));
            cursor.GetGetter<int>(view.Schema["Number"])(ref number);
            cursor.GetIdGetter()(ref id);
            Assert.Equal((row, row, (ulong)row), (number, cursor.Position, id.Low));
        }
        Assert.Equal(-1, cursor.Position);
    }

    [Fact]
    public void GetRowCursor_ColumnOfAnotherType_RunsRowByRow()
    {
        var source = new OnePassView(_ml, Prompts);
        var custom = _ml.Transforms.CustomMapping<OnePassView.Row, WithObject>((row, mapped) => mapped.Thing = new Thing { Of = row.Prompt }, contractName: null).Fit(source).Transform(source);
        var view = _model.Transform(custom);
        using var cursor = view.GetRowCursor([view.Schema["Thing"], view.Schema["Completion"]]);
        var (thing, completion) = (cursor.GetGetter<Thing>(view.Schema["Thing"]), cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Completion"]));
        foreach (var prompt in Prompts)
        {
            Assert.True(cursor.MoveNext());
            var (of, said) = (new Thing(), default(ReadOnlyMemory<char>));
            thing(ref of);
            completion(ref said);
            Assert.Equal((prompt, _ml.Preferences.Generate(_model, prompt)), (of.Of, said.ToString()));
        }
        Assert.Equal(1, source.Opened);
    }

    [Fact]
    public void GetRowCursor_RowThatCannotBeRead_ComesAfterTheRowsBeforeIt()
    {
        var view = _model.Transform(new OnePassView(_ml, ["hi", "\ud800"]));
        using var cursor = view.GetRowCursor([view.Schema["Completion"]]);
        Assert.True(cursor.MoveNext());
        Assert.Throws<PreferenceDataException>(() => cursor.MoveNext());
    }

    [Fact]
    public void GetRowCursor_PromptThatFillsTheContext_ComesAfterTheRowsBeforeItWhichAreAnsweredAsEver()
    {
        string[] prompts = ["hi", "bye", string.Concat(Enumerable.Repeat("word ", 4000)), "thanks"];
        _model.LastTransformer.Generation = new GenerationOptions { MaxNewTokens = 4, BatchSize = 4 };
        var view = _model.Transform(new OnePassView(_ml, prompts));
        using var cursor = view.GetRowCursor([view.Schema["Prompt"], view.Schema["Completion"]]);
        var (prompt, completion) = (cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Prompt"]), cursor.GetGetter<ReadOnlyMemory<char>>(view.Schema["Completion"]));
        foreach (var expected in prompts[..2])
        {
            Assert.True(cursor.MoveNext());
            ReadOnlyMemory<char> asked = default, said = default;
            prompt(ref asked);
            completion(ref said);
            Assert.Equal((expected, _ml.Preferences.Generate(_model, expected)), (asked.ToString(), said.ToString()));
        }
        Assert.StartsWith("Prompt 2 has ", Assert.Throws<PreferenceDataException>(() => cursor.MoveNext()).Message, StringComparison.Ordinal);
        Assert.Throws<PreferenceDataException>(() => cursor.MoveNext());
    }

    [Fact]
    public void Fit_AndEvaluate_OpenTheirSourceOnce()
    {
        var (train, test) = (new OnePassView(_ml, Prompts), new OnePassView(_ml, Prompts));
        var options = new DpoTrainer.Options { BaseModel = Fixtures.Llama, MaxSteps = 1, Device = "cpu", ValidationSet = test };
        using var tuned = _ml.Preferences.Tokenize(Fixtures.TinyChatml).Append(_ml.Preferences.Trainers.Dpo(options)).Fit(train);
        var scored = new OnePassView(_ml, Prompts);
        Assert.Equal(Prompts.Length, _ml.Preferences.Evaluate(_ml.Preferences.Score(tuned, scored)).PairCount);
        Assert.Equal((1, 1, 1), (train.Opened, test.Opened, scored.Opened));
    }

    private sealed class Answer : OnePassView.Row
    {
        public string Completion { get; set; } = "";

        public float[] Logps { get; set; } = [];
    }

    private sealed class Thing
    {
        public string Of { get; set; } = "";
    }

    private sealed class ThingTypeAttribute : DataViewTypeAttribute
    {
        public override bool Equals(DataViewTypeAttribute? other) => other is ThingTypeAttribute;

        public override int GetHashCode() => 1;

        public override void Register() => DataViewTypeManager.Register(new ThingType(), typeof(Thing), this);
    }

    private sealed class ThingType() : StructuredDataViewType(typeof(Thing))
    {
        public override bool Equals(DataViewType? other) => other is ThingType;

        public override int GetHashCode() => 1;
    }

    private sealed class WithObject
    {
        [ThingType]
        public Thing Thing { get; set; } = new();
    }
}
