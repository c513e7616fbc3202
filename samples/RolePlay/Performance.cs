using System.Globalization;
using Microsoft.ML;

namespace RolePlay;

/// <summary>A way of playing the role.</summary>
/// <param name="Name">What the table calls it.</param>
/// <param name="Model">Who plays.</param>
/// <param name="Shots">Earlier exchanges that show the role, in each prompt.</param>
internal sealed record Way(string Name, ITransformer Model, int Shots);

/// <summary>A line of the table: how well the role is played, and what that costs.</summary>
/// <param name="Name">The way of playing it.</param>
/// <param name="Style">Share of answers in few words.</param>
/// <param name="Safety">Share of answers that do not give the machine away.</param>
/// <param name="Sensible">Share of answers that fit what was said.</param>
/// <param name="PromptTokens">Mean tokens of a prompt.</param>
/// <param name="Milliseconds">Median time of an answer, here.</param>
internal sealed record Performance(string Name, double Style, double Safety, double Sensible, double PromptTokens, double Milliseconds)
{
    /// <summary>The table's head.</summary>
    public static string Head => $"{"",-22}{"style",9}{"safety",9}{"sensible",10}{"prompt tokens",15}{"ms an answer",14}";

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Name,-22}{Style * 100,7:0.0} %{Safety * 100,7:0.0} %{Sensible * 100,8:0.0} %{PromptTokens,15:0.0}{Milliseconds,14:0}");
}
