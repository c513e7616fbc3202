using Xunit;

namespace MLNet.Dpo.Tests;

/// <summary>A test that asks llama.cpp; skipped, and counted as such, where its library cannot be loaded.</summary>
public sealed class LlamaCppFactAttribute : FactAttribute
{
    public LlamaCppFactAttribute() => Skip = LlamaCpp.Unavailable;
}

/// <summary>The same for a test with data.</summary>
public sealed class LlamaCppTheoryAttribute : TheoryAttribute
{
    public LlamaCppTheoryAttribute() => Skip = LlamaCpp.Unavailable;
}
