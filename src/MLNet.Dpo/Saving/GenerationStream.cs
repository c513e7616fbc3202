namespace MLNet.Dpo.Saving;

/// <summary>Generation settings in a saved model.</summary>
internal static class GenerationStream
{
    internal static void Write(BinaryWriter writer, GenerationOptions options)
    {
        writer.Write(options.MaxNewTokens);
        writer.Write(options.Temperature);
        writer.Write(options.TopK);
        writer.Write(options.TopP);
        writer.Write(options.MinP);
        writer.Write(options.RepetitionPenalty);
        writer.Write(options.NoRepeatNgramSize);
        writer.Write(options.Seed);
        writer.Write(options.BatchSize);
        writer.Write(options.StopTokenIds.Count);
        foreach (var id in options.StopTokenIds) writer.Write(id);
    }

    internal static GenerationOptions Read(BinaryReader reader)
    {
        var options = new GenerationOptions
        {
            MaxNewTokens = reader.ReadInt32(),
            Temperature = reader.ReadDouble(),
            TopK = reader.ReadInt32(),
            TopP = reader.ReadDouble(),
            MinP = reader.ReadDouble(),
            RepetitionPenalty = reader.ReadDouble(),
            NoRepeatNgramSize = reader.ReadInt32(),
            Seed = reader.ReadInt32(),
            BatchSize = reader.ReadInt32(),
        };
        options.StopTokenIds = [.. Enumerable.Range(0, reader.ReadInt32()).Select(_ => reader.ReadInt32())];
        return options;
    }
}
