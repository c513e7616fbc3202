using System.Text.Json;
using Microsoft.Extensions.AI;
using MLNet.Dpo.ExtensionsAI;
using Xunit;

namespace MLNet.Dpo.Tests.Extensions.AI;

public class ToolCallReaderTests
{
    [Theory]
    [InlineData("tagged", "Let me see.\n<tool_call>\n{\"name\": \"f\", \"arguments\": {\"a\": 1}}\n</tool_call>\n<tool_call>{\"name\": \"g\"}</tool_call>", "Let me see.\n|f {\"a\":1}|g {}")]
    [InlineData("tagged", "1 < 2 <tool, said he", "1 < 2 <tool, said he")]
    [InlineData("tagged", "<tool_call>{\"name\": \"f\", \"arguments\": \"{\\\"a\\\": [null]}\"}</tool_call>ok", "f {\"a\":[null]}|ok")]
    [InlineData("tagged", "x<tool_", "x<tool_")]
    [InlineData("tagged", "<tool_call>{\"name\": \"f\"", "!<tool_call>{\"name\": \"f\"")]
    [InlineData("tagged", "<tool_call>{\"arguments\": {}}</tool_call>", "!<tool_call>{\"arguments\": {}}</tool_call>")]
    [InlineData("listed", " [TOOL_CALLS] [{\"name\": \"f\", \"arguments\": {\"a\": \"b\"}, \"id\": \"123456789\"}, {\"name\": \"g\", \"arguments\": {}}]", "f {\"a\":\"b\"}|g {}")]
    [InlineData("listed", "[{\"name\": \"f\", \"arguments\": {}}]", "f {}")]
    [InlineData("listed", "[TOOL_CALLS]f[ARGS]{\"a\": 2}[TOOL_CALLS]g{}", "f {\"a\":2}|g {}")]
    [InlineData("listed", "No [1] calls", "No [1] calls")]
    [InlineData("listed", "[1] is a note", "![1] is a note")]
    [InlineData("bare", "<|python_tag|>{\"name\": \"f\", \"parameters\": {\"a\": true}}", "f {\"a\":true}")]
    [InlineData("bare", "\n{\"name\": \"f\", \"parameters\": {}}", "f {}")]
    [InlineData("bare", "{\"name\": \"Bob\"}", "!{\"name\": \"Bob\"}")]
    [InlineData("bare", "So {\"name\": \"f\", \"parameters\": {}}", "So {\"name\": \"f\", \"parameters\": {}}")]
    [InlineData("none", "<tool_call>{\"name\": \"f\"}</tool_call>", "<tool_call>{\"name\": \"f\"}</tool_call>")]
    [InlineData("bare", "", "")]
    public void Add_AnyPieces_TellTextFromCalls(string kind, string answer, string expected)
    {
        var format = kind switch { "tagged" => ToolCallFormat.Tagged, "listed" => ToolCallFormat.Listed, "bare" => ToolCallFormat.Bare, _ => ToolCallFormat.None };
        for (var size = 1; size < 40; size += 3)
        {
            var reader = new ToolCallReader(format);
            List<AIContent> contents = [.. answer.Chunk(size).Select(piece => new TextContent(reader.Add(new string(piece))))];
            contents.AddRange(reader.End(out var unread));
            var parts = new List<string>();
            foreach (var content in contents)
            {
                if (content is FunctionCallContent call) parts.Add($"|{call.Name} {'{'}{string.Join(',', call.Arguments!.Select(argument => $"\"{argument.Key}\":{((JsonElement)argument.Value!).GetRawText()}"))}{'}'}|");
                else parts.Add(((TextContent)content).Text);
            }
            Assert.Equal(expected, (unread is null ? "" : "!") + string.Concat(parts).Replace("||", "|", StringComparison.Ordinal).Trim('|'));
        }
    }

    [Theory]
    [InlineData("<tool_call>", "Tagged")]
    [InlineData("[TOOL_CALLS]", "Listed")]
    [InlineData("ipython", "Bare")]
    [InlineData("other", "None")]
    public void Of_Template_IsItsFamilys(string mark, string expected)
    {
        var tokenizer = HuggingFaceTokenizer.Load(Fixtures.TinyChatml).WithChatTemplate("{{ messages }}" + mark);
        var format = expected switch { "Tagged" => ToolCallFormat.Tagged, "Listed" => ToolCallFormat.Listed, "Bare" => ToolCallFormat.Bare, _ => ToolCallFormat.None };
        Assert.Same(format, ToolCallFormat.Of(tokenizer));
    }
}
