using System.Text.Json.Nodes;
using Xunit;

namespace MLNet.Dpo.Text.Tests.ChatTemplates;

/// <summary>Limits, errors and options of chat templates; what they render is in the golden tests.</summary>
public class ChatTemplateTests
{
    private static readonly JsonArray Hello = [new JsonObject { ["role"] = "user", ["content"] = "hi" }];

    [Theory]
    [InlineData("{% if x %}", "line 1")]
    [InlineData("a\n{{ 1 + }}", "line 2")]
    [InlineData("{% import 'x' as y %}", "import")]
    [InlineData("{{ 'abc }}", "string is not closed")]
    [InlineData("{% for x in y %}{% endif %}", "belongs to nothing")]
    [InlineData("{# x", "comment is not closed")]
    [InlineData("{{ a b }}", "expected }}")]
    public void Parse_BrokenTemplate_NamesTheLine(string source, string expected) =>
        Assert.Contains(expected, Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source)).Message);

    [Theory]
    [InlineData("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}")]
    [InlineData("{% for a in range(100000) %}{{ 'x' * 10000 }}{% endfor %}")]
    [InlineData("{{ 'x' * 10000000000 }}")]
    [InlineData("{% set ns = namespace(s='x') %}{% for a in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s='xx') %}{% for a in range(100) %}{% set ns.s = ns.s | replace('x', ns.s) %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for a in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for a in range(1000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s }}")]
    [InlineData("{% set ns = namespace(s=[1]) %}{% for a in range(1000) %}{% set ns.s = [ns.s] %}{% endfor %}{{ ns.s | tojson }}")]
    [InlineData("{% set ns = namespace(n=3) %}{% for a in range(100) %}{% set ns.n = ns.n * ns.n %}{% endfor %}")]
    [InlineData("{{ 10 ** 1000000000 }}")]
    [InlineData("{{ range(1000000) }}")]
    [InlineData("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}")]
    [InlineData("{% for x in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}")]
    public void Render_TemplateThatWouldNotEnd_IsStopped(string source) =>
        Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source).Render(Hello));

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("not ", "")]
    [InlineData("-", "")]
    public void Parse_DeeplyNested_IsRefusedNotACrash(string open, string close)
    {
        string source = "{{ " + string.Concat(Enumerable.Repeat(open, 100_000)) + "1" + string.Concat(Enumerable.Repeat(close, 100_000)) + " }}";
        Assert.Contains("nested", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse(source)).Message);
    }

    [Fact]
    public void Render_VeryLongSum_IsRefusedNotACrash()
    {
        var template = ChatTemplate.Parse("{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 100_000)) + " }}");
        Assert.Contains("nested", Assert.Throws<ChatTemplateException>(() => template.Render(Hello)).Message);
    }

    [Fact]
    public void Render_RaiseException_GivesItsMessageAlone() =>
        Assert.Equal("Roles must alternate!", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("\n{{ raise_exception('Roles must alternate!') }}").Render(Hello)).Message);

    [Fact]
    public void Render_FailedOperation_NamesLineAndReason() =>
        Assert.Equal("Chat template, line 2: 'nobody' is undefined.", Assert.Throws<ChatTemplateException>(() => ChatTemplate.Parse("\n{{ nobody.name }}").Render(Hello)).Message);

    [Fact]
    public void Render_StrftimeNow_UsesTheClockGiven()
    {
        var options = new ChatTemplateOptions { TimeProvider = new FixedClock() };
        Assert.Equal("05 Mar 2024 5 065 Tue 07:08 AM", ChatTemplate.Parse("{{ strftime_now('%d %b %Y %-d %j %a %I:%M %p') }}").Render(Hello, options));
    }

    [Fact]
    public void Render_Variables_WinOverAll()
    {
        var options = new ChatTemplateOptions { AddGenerationPrompt = true, Variables = new JsonObject { ["add_generation_prompt"] = "mine", ["flag"] = false } };
        Assert.Equal("mine False", ChatTemplate.Parse("{{ add_generation_prompt }} {{ flag }}").Render(Hello, options));
    }

    [Fact]
    public void RenderWithSpans_GenerationInsideCapture_IsPlacedInTheOutput()
    {
        var rendered = ChatTemplate.Parse("ab{% filter upper %}c{% generation %}de{% endgeneration %}{% endfilter %}").RenderWithSpans(Hello);
        Assert.Equal("abCDE", rendered.Text);
        Assert.Equal([3..5], rendered.GenerationSpans);
    }

    [Fact]
    public void Render_GivenMessages_AreNotChanged()
    {
        JsonArray messages = [new JsonObject { ["role"] = "assistant", ["content"] = "x", ["name"] = null, ["reasoning"] = "why" }];
        string before = messages.ToJsonString();
        ChatTemplate.Parse("{{ messages }}").Render(messages, new ChatTemplateOptions { ContinueFinalMessage = "content" });
        Assert.Equal(before, messages.ToJsonString());
    }

    private sealed class FixedClock : TimeProvider
    {
        public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

        public override DateTimeOffset GetUtcNow() => new(2024, 3, 5, 7, 8, 9, TimeSpan.Zero);
    }
}
