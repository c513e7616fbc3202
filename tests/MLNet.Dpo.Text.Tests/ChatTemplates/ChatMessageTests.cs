using Xunit;

namespace MLNet.Dpo.Text.Tests.ChatTemplates;

/// <summary>What a prompt's text means.</summary>
public class ChatMessageTests
{
    [Theory]
    [InlineData("hi!")]
    [InlineData("")]
    [InlineData("[1, 2, 3]")]
    [InlineData("[]")]
    [InlineData("[{\"content\": \"no role\"}]")]
    [InlineData("[not json")]
    [InlineData("{\"role\": \"user\"}")]
    [InlineData("[{\"role\": 1}]")]
    [InlineData("[{\"role\": \"user\", \"role\": \"user\"}]")]
    public void ParsePrompt_AnyOtherText_IsOneUserTurn(string text)
    {
        var message = Assert.Single(ChatMessage.ParsePrompt(text));
        Assert.Equal(("user", text), (message.Role, message.Content));
    }

    [Fact]
    public void ParsePrompt_ArrayOfMessages_KeepsEverything()
    {
        var messages = ChatMessage.ParsePrompt("""  [{"role": "system", "content": "s"}, {"role": "tool", "content": [{"type": "text"}], "id": 7}]""");
        Assert.Equal(["system", "tool"], messages.Select(message => message.Role));
        Assert.Equal("s", messages[0].Content);
        Assert.Null(messages[1].Content);
        Assert.Equal(7, messages[1].Json["id"]!.GetValue<int>());
    }
}
