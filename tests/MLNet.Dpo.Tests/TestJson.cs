using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace MLNet.Dpo.Tests;

/// <summary>Objects as JSON, to compare all their properties at once. Reflection is switched off for the tests, so that they prove that the product does without; here it is asked for.</summary>
internal static class TestJson
{
    public static JsonSerializerOptions Options { get; } = new() { PropertyNameCaseInsensitive = true, TypeInfoResolver = new DefaultJsonTypeInfoResolver() };

    public static string Text<T>(T value) => JsonSerializer.Serialize(value, Options);
}
