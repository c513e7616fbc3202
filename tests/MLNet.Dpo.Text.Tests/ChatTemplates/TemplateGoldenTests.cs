using System.Text.Json.Nodes;
using MLNet.Dpo.Conformance;
using MLNet.Dpo.Tests;
using Xunit;

namespace MLNet.Dpo.Text.Tests.ChatTemplates;

/// <summary>Renderings, errors and masks equal to those of transformers; the language equal to jinja2's.</summary>
public class TemplateGoldenTests
{
    [Fact]
    public void Run_TemplatesHere_EqualTransformers()
    {
        string folder = Fixtures.PathTo("templates");
        Assert.True(TemplateCases.Matches(folder));
        Fixtures.AssertAllPass(TemplateCases.Run(folder));
    }

    [SharedDataFact("fixtures/templates")]
    public void Run_RealTemplates_EqualTransformers() => Fixtures.AssertAllPass(TemplateCases.Run(SharedData.PathTo("fixtures/templates")));

    [Fact]
    public void Render_EveryPartOfTheLanguage_EqualsJinja2()
    {
        var golden = JsonNode.Parse(File.ReadAllText(Fixtures.PathTo("jinja/language.json")))!;
        var variables = golden["variables"]!.AsObject();
        foreach (var row in golden["rows"]!.AsArray())
        {
            string source = row!["template"]!.GetValue<string>();
            var render = () => ChatTemplate.Parse(source).Render(variables["messages"]!.AsArray(), new ChatTemplateOptions { Variables = variables });
            if (row["error"] is not null)
                Assert.Throws<ChatTemplateException>(render);
            else
                Assert.Equal((source, row["expected"]!.GetValue<string>()), (source, render()));
        }
    }
}
