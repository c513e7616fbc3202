namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public bool requires_grad
        {
            get => Native.tsp_requires_grad(Handle) != 0;
            set => Native.Check(Native.tsp_set_requires_grad(Handle, value ? 1 : 0));
        }

        public Tensor requires_grad_(bool requires_grad = true)
        {
            this.requires_grad = requires_grad;
            return this;
        }

        /// <summary>The gradient that <c>backward</c> has summed so far; null before the first.</summary>
        public Tensor? grad
        {
            get
            {
                var handle = Native.tsp_grad(Handle);
                return handle == 0 ? null : new Tensor(handle);
            }
            set
            {
                Native.Check(Native.tsp_set_grad(Handle, value?.Handle ?? 0));
                GC.KeepAlive(value);
            }
        }

        public void backward() => autograd.backward(this);
    }

    public static class autograd
    {
        public static unsafe void backward(IList<Tensor> tensors, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null)
        {
            if (inputs is not null) throw new NotSupportedException("backward to chosen inputs is not covered by this polyfill.");
            var handles = tensors.Select(t => t.Handle).ToArray();
            var gradients = grad_tensors?.Select(t => t.Handle).ToArray();
            fixed (nint* roots = handles, grads = gradients)
                Native.Check(Native.tsp_backward(roots, grads, handles.Length, (retain_graph ?? create_graph) ? 1 : 0, create_graph ? 1 : 0));
            GC.KeepAlive(tensors);
            GC.KeepAlive(grad_tensors);
        }

        public static void backward(Tensor tensor, IList<Tensor>? grad_tensors = null, bool? retain_graph = null, bool create_graph = false, IList<Tensor>? inputs = null) =>
            backward([tensor], grad_tensors, retain_graph, create_graph, inputs);
    }

    /// <summary>Switches gradient recording off on this thread until disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static bool is_grad_enabled() => Native.tsp_grad_enabled() != 0;

    private sealed class GradMode : IDisposable
    {
        private readonly bool _previous = is_grad_enabled();

        internal GradMode(bool enabled) => Native.tsp_set_grad_enabled(enabled ? 1 : 0);

        public void Dispose() => Native.tsp_set_grad_enabled(_previous ? 1 : 0);
    }
}
