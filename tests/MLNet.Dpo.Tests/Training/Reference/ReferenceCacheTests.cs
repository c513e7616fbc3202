using MLNet.Dpo.Training;
using MLNet.Dpo.Training.Reference;
using Xunit;

namespace MLNet.Dpo.Tests.Training.Reference;

/// <summary>What is read back is what was written, to the bit, or nothing.</summary>
public sealed class ReferenceCacheTests : IDisposable
{
    private const int OneRow = 1; // as a token budget: every row is a micro-batch
    private readonly TemporaryFolder _folder = new();
    private readonly List<string> _log = [];
    private readonly List<PreferenceExample> _rows = Fixtures.Pairs(5);

    private string CachePath => _folder[ReferenceCache.FileName];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Read_SameFingerprint_GivesTheSameBits()
    {
        float[] values = [-1f / 3, float.Epsilon, -0f, float.NegativeInfinity, float.NaN, MathF.PI * -1e3f];
        Cache("a").Write(values);
        Assert.Equal(values.Select(BitConverter.SingleToInt32Bits), Cache("a").Read().Select(BitConverter.SingleToInt32Bits));
        Assert.Equal($"Reference log-probabilities of 6 tokens read from {CachePath}.", Assert.Single(_log));
        Assert.Equal([ReferenceCache.FileName], _folder.Names());
    }

    [Fact]
    public void Read_NoFile_GivesNothingAndIsSilent()
    {
        Assert.Empty(Cache("a").Read());
        Assert.Empty(_log);
    }

    [Fact]
    public void Read_OtherFingerprint_GivesNothingAndIsReplaced()
    {
        Cache("a").Write([1, 2]);
        Assert.Empty(Cache("b").Read());
        Assert.Contains("another model", Assert.Single(_log), StringComparison.Ordinal);
        Cache("b").Write([3]);
        Assert.Equal([3], Cache("b").Read());
        Assert.Empty(Cache("a").Read());
    }

    [Fact]
    public void Read_FileCutAnywhere_GivesNothingAndSaysSo()
    {
        Cache("a").Write([1, 2, 3]);
        var whole = File.ReadAllBytes(CachePath);
        for (var length = 0; length < whole.Length; length++)
        {
            _log.Clear();
            File.WriteAllBytes(CachePath, whole[..length]);
            Assert.Empty(Cache("a").Read());
            Assert.Contains("cannot be used", Assert.Single(_log), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Read_AnyByteChanged_NeverGivesOtherValues()
    {
        Cache("a").Write([1, 2, 3]);
        var whole = File.ReadAllBytes(CachePath);
        for (var i = 0; i < whole.Length; i++)
        {
            var damaged = whole.ToArray();
            damaged[i] ^= 0x21;
            File.WriteAllBytes(CachePath, damaged);
            Assert.Empty(Cache("a").Read());
        }
        Assert.Equal(whole.Length, _log.Count);
        Assert.All(_log, line => Assert.DoesNotContain('\n', line));
    }

    [Fact]
    public void Write_NameIsTaken_IsALineInTheLog()
    {
        Directory.CreateDirectory(CachePath);
        Assert.Empty(Cache("a").Read());
        Cache("a").Write([1]);
        Assert.Contains(CachePath, Assert.Single(_log), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_FolderIsMissing_IsMade()
    {
        var cache = new ReferenceCache(_folder["a/b"], "x", _log.Add);
        Assert.Empty(cache.Read());
        cache.Write([1]);
        Assert.Equal([1], cache.Read());
    }

    [Fact]
    public void Add_WholeCache_TakesItsValuesAndRunsNothing()
    {
        float[] values = [.. Enumerable.Range(0, _rows.Sum(row => row.ScoredLengths.Sum())).Select(i => -0.1f * i)];
        Cache("a").Write(values);
        var reported = new List<int>();
        Assert.Equal(values, Logps(Cache("a"), reported.Add));
        Assert.Equal([5], reported);
    }

    [Fact]
    public void Add_StoppedOnTheWay_GoesOnFromTheLastMicroBatchWithTheSameBits()
    {
        var expected = Logps(null, _ => { });
        using var cancellation = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Logps(Cache("a"), done => { if (done == 3) cancellation.Cancel(); }, cancellation.Token));
        Assert.Equal(expected[.._rows.Take(3).Sum(row => row.ScoredLengths.Sum())], Cache("a").Read());

        var reported = new List<int>();
        Assert.Equal(expected, Logps(Cache("a"), reported.Add));
        Assert.Equal([3, 4, 5], reported);
        Assert.Equal(expected, Cache("a").Read());
    }

    private ReferenceCache Cache(string fingerprint) => new(_folder.Path, fingerprint, _log.Add) { WriteEvery = TimeSpan.Zero };

    private float[] Logps(ReferenceCache? cache, Action<int> report, CancellationToken cancellation = default)
    {
        using var model = Fixtures.LoadLlama();
        var logps = new ReferenceLogps();
        logps.Add(model, _rows, OneRow, report, cancellation, cache);
        return [.. _rows.SelectMany(row => logps[row]).SelectMany(logps => logps)];
    }
}
