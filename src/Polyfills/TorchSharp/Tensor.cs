namespace TorchSharp;

public static partial class torch
{
    /// <summary>A handle to a libtorch tensor. Lives until it is disposed, its dispose scope ends, or it is finalized.</summary>
    public partial class Tensor : IDisposable
    {
        private static long _totalCount;

        private nint _handle;

        internal Tensor(nint handle)
        {
            _handle = handle;
            Interlocked.Increment(ref _totalCount);
            DisposeScope.Current?.Add(this);
        }

        ~Tensor() => Dispose(false);

        /// <summary>How many tensors are alive in the process.</summary>
        public static long TotalCount => Interlocked.Read(ref _totalCount);

        public nint Handle => _handle != 0 ? _handle : throw new InvalidOperationException("Tensor invalid -- empty handle.");

        public bool IsInvalid => _handle == 0;

        internal DisposeScope? OwningScope { get; set; }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (disposing) OwningScope?.Forget(this);
            OwningScope = null;
            Free();
        }

        private void Free()
        {
            var handle = Interlocked.Exchange(ref _handle, 0);
            if (handle == 0) return;
            Native.tsp_free(handle);
            Interlocked.Decrement(ref _totalCount);
        }

        public Tensor MoveToOuterDisposeScope()
        {
            if (OwningScope is { } scope) scope.MoveToOuter(this);
            return this;
        }

        public Tensor DetachFromDisposeScope()
        {
            DisposeScope.Move(this, null);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other)
        {
            DisposeScope.Move(this, other.OwningScope);
            return this;
        }

        public long dim() => Native.tsp_dim(Handle);
        public long numel() => Native.tsp_numel(Handle);
        public long NumberOfElements => numel();
        public long ElementSize => Native.tsp_element_size(Handle);
        public ScalarType dtype => (ScalarType)Native.tsp_dtype(Handle);
        public bool is_contiguous() => Native.tsp_is_contiguous(Handle) != 0;
        public bool is_leaf => Native.tsp_is_leaf(Handle) != 0;

        public Device device
        {
            get
            {
                var packed = Native.tsp_device(Handle);
                return new Device((DeviceType)(packed >> 16), (sbyte)(packed & 0xff));
            }
        }

        public unsafe long[] shape
        {
            get
            {
                var sizes = new long[dim()];
                fixed (long* p = sizes) Native.tsp_sizes(Handle, p);
                return sizes;
            }
        }

        public unsafe long[] stride()
        {
            var strides = new long[dim()];
            fixed (long* p = strides) Native.tsp_strides(Handle, p);
            return strides;
        }

        public long stride(int dim) => stride()[dim < 0 ? dim + (int)this.dim() : dim];

        public long size(int dim) => shape[dim < 0 ? dim + (int)this.dim() : dim];

        /// <summary>The elements as raw bytes; only for contiguous tensors in CPU memory, at most 2 GB.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                ValidateAccess();
                return new Span<byte>((void*)Native.tsp_data(Handle), checked((int)(numel() * ElementSize)));
            }
            set => value.CopyTo(bytes);
        }

        /// <summary>The elements in order, read from CPU memory.</summary>
        public unsafe Utils.TensorAccessor<T> data<T>() where T : unmanaged
        {
            ValidateAccess();
            if (sizeof(T) != ElementSize) throw new ArgumentException($"{typeof(T)} is not the element type of a {dtype} tensor.");
            return new Utils.TensorAccessor<T>(this, Native.tsp_data(Handle));
        }

        public unsafe T item<T>() where T : unmanaged
        {
            if (numel() != 1) throw new ArgumentException($"Number of elements in the tensor must be 1, was {numel()}");
            using var scope = NewDisposeScope();
            return to(CPU).contiguous().data<T>().ToArray()[0];
        }

        private void ValidateAccess()
        {
            if (device.type != DeviceType.CPU) throw new InvalidOperationException("Reading data from non-CPU memory is not supported. Move or copy the tensor to the cpu before reading.");
            if (!is_contiguous()) throw new InvalidOperationException("Reading raw data of a non-contiguous tensor is not supported.");
        }

        public override string ToString() => $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";
    }

    public enum ScalarType : sbyte
    {
        Byte = 0,
        Int8 = 1,
        Int16 = 2,
        Int32 = 3,
        Int64 = 4,
        Float16 = 5,
        Float32 = 6,
        Float64 = 7,
        Bool = 11,
        BFloat16 = 15,
    }

    public static ScalarType bfloat16 = ScalarType.BFloat16;
    public static ScalarType float16 = ScalarType.Float16;
    public static ScalarType float32 = ScalarType.Float32;
    public static ScalarType float64 = ScalarType.Float64;
    public static ScalarType int32 = ScalarType.Int32;
    public static ScalarType int64 = ScalarType.Int64;
    public static ScalarType @bool = ScalarType.Bool;
}
