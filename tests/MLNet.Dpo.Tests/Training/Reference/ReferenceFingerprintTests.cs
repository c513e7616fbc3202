using MLNet.Dpo.Adapters;
using MLNet.Dpo.Models;
using MLNet.Dpo.Saving;
using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Reference;
using TorchSharp;
using Xunit;

namespace MLNet.Dpo.Tests.Training.Reference;

/// <summary>Everything that the reference's log-probabilities depend on changes the fingerprint; nothing else does.</summary>
public sealed class ReferenceFingerprintTests : IDisposable
{
    private readonly CausalLM _model = Fixtures.LoadLlama();
    private readonly List<PreferenceExample> _rows = Fixtures.Pairs(3);

    public void Dispose() => _model.Dispose();

    [Fact]
    public void Of_SameModelAndRows_IsTheSame()
    {
        using var again = Fixtures.LoadLlama();
        Assert.Equal(64, Of(_rows).Length);
        Assert.Equal(Of(_rows), ReferenceFingerprint.Of(again, ModelFingerprint.OfBase(again), Fixtures.Pairs(3), 512));
    }

    [Fact]
    public void Of_OtherScoresOrRowNumbers_IsTheSame() =>
        Assert.Equal(Of(_rows), Of([.. _rows.Select(row => new PreferenceExample(row.Row + 7, row.Prompt, row.Responses, [0, 1]))]));

    [Fact]
    public void Of_PolicyAdapter_IsTheSame()
    {
        var before = Of(_rows);
        var projection = _model.Projections.First();
        projection.Adapter = LoraAdapter.Initialize(projection, 4, 2, new Random(1));
        Assert.Equal(before, Of(_rows));
    }

    [Fact]
    public void Of_OtherTokens_IsAnother()
    {
        var row = _rows[0];
        int[] changed = [.. row.Responses[1]];
        changed[^1]++;
        AssertAllDiffer(
            Of(_rows),
            Of([_rows[1], _rows[0], _rows[2]]),
            Of(_rows[..2]),
            Of([row with { Responses = [row.Responses[0], changed] }, .. _rows[1..]]),
            Of([row with { Responses = [row.Responses[0], row.Responses[1][..^1]] }, .. _rows[1..]]), // as a smaller MaxLength cuts it
            Of([row with { Prompt = [.. row.Prompt, row.Responses[0][0]], Responses = [row.Responses[0][1..], row.Responses[1]] }, .. _rows[1..]]), // the border moved
            ReferenceFingerprint.Of(_model, ModelFingerprint.OfBase(_model), _rows, 511));
    }

    [Fact]
    public void Of_OtherThreads_IsAnother()
    {
        var (before, threads) = (Of(_rows), torch.get_num_threads());
        torch.set_num_threads(threads + 1);
        try
        {
            Assert.NotEqual(before, Of(_rows));
        }
        finally
        {
            torch.set_num_threads(threads);
        }
    }

    [Fact]
    public void Of_OtherPrecision_IsAnother()
    {
        // The masters of both are the same weights; what is computed with them is not.
        using var wide = ModelFolder.Load(Fixtures.Llama, torch.CPU, keepsMasters: true);
        using var narrow = ModelFolder.Load(Fixtures.Llama, torch.CPU, torch.ScalarType.BFloat16, keepsMasters: true);
        Assert.Equal(ModelFingerprint.OfBase(wide), ModelFingerprint.OfBase(narrow));
        AssertAllDiffer(ReferenceFingerprint.Of(wide, "base", _rows, 512), ReferenceFingerprint.Of(narrow, "base", _rows, 512));
    }

    [Fact]
    public void Of_OtherModel_IsAnother()
    {
        var before = Of(_rows);
        _model.Config.Source["rope_theta"] = 20000.0;
        var otherConfig = Of(_rows);
        using (torch.no_grad()) _model.Parameters["model.layers.1.mlp.down_proj.weight"].mul_(1 + 1e-6);
        AssertAllDiffer(before, otherConfig, Of(_rows));
    }

    [Fact]
    public void Of_OtherReferenceAdapter_IsAnother()
    {
        var projection = _model.Projections.First();
        var bare = Of(_rows);
        projection.ReferenceAdapter = LoraAdapter.Initialize(projection, 4, 2, new Random(1));
        var one = Of(_rows);
        projection.ReferenceAdapter = LoraAdapter.Initialize(projection, 4, 1, new Random(1)); // another alpha
        var scaled = Of(_rows);
        projection.ReferenceAdapter = LoraAdapter.Initialize(projection, 4, 2, new Random(2));
        AssertAllDiffer(bare, one, scaled, Of(_rows));
    }

    private string Of(IReadOnlyList<PreferenceExample> rows) => ReferenceFingerprint.Of(_model, ModelFingerprint.OfBase(_model), rows, 512);

    private static void AssertAllDiffer(params string[] fingerprints) => Assert.Equal(fingerprints.Length, fingerprints.Distinct().Count());
}
