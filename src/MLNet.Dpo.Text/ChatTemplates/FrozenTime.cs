namespace MLNet.Dpo.Text.ChatTemplates;

/// <summary>A clock that stands still, so that two renderings say the same time.</summary>
internal sealed class FrozenTime(TimeProvider time) : TimeProvider
{
    private readonly DateTimeOffset _now = time.GetUtcNow();

    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;

    public override DateTimeOffset GetUtcNow() => _now;
}
