using MLNet.Dpo.Schemas;
using Xunit;

namespace MLNet.Dpo.Tests.Schemas;

public class SchemaGrammarTests
{
    [Theory]
    [InlineData("""{"type":"string","pattern":"a"}""", "'pattern'")]
    [InlineData("""{"type":"integer","minimum":1}""", "'minimum'")]
    [InlineData("""{"oneOf":[{"type":"null"}]}""", "'oneOf'")]
    [InlineData("""{"type":"array","uniqueItems":true}""", "'uniqueItems'")]
    [InlineData("""{"properties":{"a":{"$ref":"#"}}}""", "'$ref'")]
    [InlineData("""{"anyOf":[{"type":"null"}],"type":"null"}""", "'type' beside anyOf")]
    [InlineData("""{"anyOf":[]}""", "anyOf without a choice")]
    [InlineData("""{"enum":[1,2],"minimum":3}""", "no value is valid")]
    [InlineData("""{"enum":[]}""", "no value is valid")]
    [InlineData("""{"type":"text"}""", "type 'text'")]
    [InlineData("""{"type":[]}""", "type that names none")]
    [InlineData("""{"required":["a"],"additionalProperties":false}""", "requires 'a'")]
    [InlineData("""{"minLength":3,"maxLength":2}""", "maxLength 2")]
    [InlineData("""{"properties":{"a":false}}""", "schema has false")]
    [InlineData("""{"items":{"minItems":100000},"minItems":100000}""", "more than 1000000 bytes")]
    [InlineData("""{"minLength":2147483647}""", "more than 1000000 bytes")]
    [InlineData("""{"enum":["\ud800"]}""", "cannot be read")]
    [InlineData("[", "no JSON")]
    [InlineData("3", "Number where a schema")]
    [InlineData("""{"maxItems":"many"}""", "wrong type")]
    public void Parse_WhatCannotBeHeldTo_IsNamed(string schema, string what) =>
        Assert.Contains(what, Assert.Throws<ArgumentException>(() => SchemaGrammar.Parse(schema)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"type":"object","title":"T","description":"d","properties":{"a":{"type":"integer","format":"int32","default":1}},"required":["a"]}""", """{"a":1}""")]
    [InlineData("""{"type":["integer","null"]}""", "1")]
    [InlineData("""{"minItems":2}""", "[1,2]")]
    [InlineData("""{"enum":["long",7,1000],"maximum":500,"type":"integer"}""", "7")]
    [InlineData("true", "1")]
    public void Parse_Schema_LeastIsThatOfTheShortestDocument(string schema, string shortest) =>
        Assert.Equal(shortest.Length, SchemaGrammar.Parse(schema).Least);
}
