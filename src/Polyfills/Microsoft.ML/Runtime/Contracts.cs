namespace Microsoft.ML.Runtime;

/// <summary>Checks, each with ML.NET's exception type: arguments, state, file contents, files.</summary>
internal static class Contracts
{
    public const string IsMarkedKey = "ML_IsMarked";

    public static TException Process<TException>(this TException ex, IExceptionContext ectx = null)
        where TException : Exception
        => ectx != null ? ectx.Process(ex) : Mark(ex);

    public static TException Mark<TException>(TException ex)
        where TException : Exception
    {
        ex.Data[IsMarkedKey] = 1;
        return ex;
    }

    public static bool IsMarked(this Exception ex) => ex.Data.Contains(IsMarkedKey);

    public static Exception Except(string msg) => Process(new InvalidOperationException(msg));

    public static Exception Except(this IExceptionContext ctx, string msg) => Process(new InvalidOperationException(msg), ctx);

    public static Exception Except(this IExceptionContext ctx, Exception inner, string msg) => Process(new InvalidOperationException(msg, inner), ctx);

    public static Exception ExceptUserArg(this IExceptionContext ctx, string name, string msg) => Process(new ArgumentOutOfRangeException(name, msg), ctx);

    public static Exception ExceptParam(string paramName, string msg) => Process(new ArgumentOutOfRangeException(paramName, msg));

    public static Exception ExceptParam(this IExceptionContext ctx, string paramName, string msg) => Process(new ArgumentOutOfRangeException(paramName, msg), ctx);

    public static Exception ExceptDecode(this IExceptionContext ctx, string msg) => Process(new FormatException(msg), ctx);

    public static Exception ExceptDecode(this IExceptionContext ctx, Exception inner, string msg) => Process(new FormatException(msg, inner), ctx);

    public static Exception ExceptIO(Exception inner, string msg) => Process(new IOException(msg, inner));

    public static Exception ExceptNotSupp(string msg) => Process(new NotSupportedException(msg));

    public static Exception ExceptNotSupp(this IExceptionContext ctx, string msg) => Process(new NotSupportedException(msg), ctx);

    public static Exception ExceptSchemaMismatch(this IExceptionContext ctx, string paramName, string columnRole, string columnName)
        => Process(new ArgumentOutOfRangeException(paramName, $"Could not find {columnRole} column '{columnName}'"), ctx);

    public static Exception ExceptSchemaMismatch(this IExceptionContext ctx, string paramName, string columnRole, string columnName, string expectedType, string actualType)
        => Process(new ArgumentOutOfRangeException(paramName, $"Schema mismatch for {columnRole} column '{columnName}': expected {expectedType}, got {actualType}"), ctx);

    public static void Check(bool f, string msg = "Operation is not valid due to the current state of the object.") => Check(null, f, msg);

    public static void Check(this IExceptionContext ctx, bool f, string msg = "Operation is not valid due to the current state of the object.")
    {
        if (!f)
            throw Except(ctx, msg);
    }

    public static void CheckUserArg(this IExceptionContext ctx, bool f, string name, string msg = null) => CheckParam(ctx, f, name, msg);

    public static void CheckParam(bool f, string paramName, string msg = null) => CheckParam(null, f, paramName, msg);

    public static void CheckParam(this IExceptionContext ctx, bool f, string paramName, string msg = null)
    {
        if (!f)
            throw Process(new ArgumentOutOfRangeException(paramName, msg), ctx);
    }

    public static void CheckValue<T>(T val, string paramName)
        where T : class
        => CheckValue(null, val, paramName);

    public static void CheckValue<T>(this IExceptionContext ctx, T val, string paramName)
        where T : class
    {
        if (val is null)
            throw Process(new ArgumentNullException(paramName), ctx);
    }

    public static void CheckNonEmpty(string s, string paramName) => CheckNonEmpty(null, s, paramName);

    public static void CheckNonEmpty(this IExceptionContext ctx, string s, string paramName)
        => CheckParam(ctx, !string.IsNullOrEmpty(s), paramName, $"{paramName} cannot be null or empty");

    public static void CheckNonWhiteSpace(this IExceptionContext ctx, string s, string paramName)
        => CheckParam(ctx, !string.IsNullOrWhiteSpace(s), paramName, $"{paramName} cannot be null or white space");

    public static void CheckDecode(bool f, string msg = "One of the identified items was in an invalid format.") => CheckDecode(null, f, msg);

    public static void CheckDecode(this IExceptionContext ctx, bool f, string msg = "One of the identified items was in an invalid format.")
    {
        if (!f)
            throw ExceptDecode(ctx, msg);
    }
}
