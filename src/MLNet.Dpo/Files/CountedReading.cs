namespace MLNet.Dpo.Files;

/// <summary>Reads what a count in front of it announces, item by item: a damaged count takes no memory that the data do not fill.</summary>
internal static class CountedReading
{
    /// <summary>A list of 32-bit integers.</summary>
    /// <exception cref="InvalidDataException">The count is negative, or larger than what follows.</exception>
    internal static int[] ReadInt32List(this BinaryReader reader, string what)
    {
        var values = new List<int>();
        for (var count = reader.ReadCount(what); values.Count < count;)
        {
            try
            {
                values.Add(reader.ReadInt32());
            }
            catch (EndOfStreamException e)
            {
                throw new InvalidDataException($"the model says it has {count} {what}, but holds {values.Count}; the file is damaged.", e);
            }
        }
        return [.. values];
    }

    /// <summary>A count of things that follow.</summary>
    /// <exception cref="InvalidDataException">It is negative.</exception>
    internal static int ReadCount(this BinaryReader reader, string what) =>
        reader.ReadInt32() is >= 0 and var count ? count : throw new InvalidDataException($"the model says it has a negative number of {what}; the file is damaged.");
}
