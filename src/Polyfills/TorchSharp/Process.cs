namespace TorchSharp;

public static partial class torch
{
    public static void set_num_threads(int num) => Native.tsp_set_num_threads(num);

    public static int get_num_threads() => Native.tsp_get_num_threads();
}
