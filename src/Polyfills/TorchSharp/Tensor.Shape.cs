namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op ViewOp = new("aten::view"), ReshapeOp = new("aten::reshape"), TransposeOp = new("aten::transpose", "int");
        private static readonly Op TOp = new("aten::t"), UnsqueezeOp = new("aten::unsqueeze"), SqueezeOp = new("aten::squeeze", "dim"), SqueezeAllOp = new("aten::squeeze");
        private static readonly Op ExpandOp = new("aten::expand"), NarrowOp = new("aten::narrow"), SelectOp = new("aten::select", "int");
        private static readonly Op FlattenOp = new("aten::flatten", "using_ints"), SplitOp = new("aten::split_with_sizes");
        private static readonly Op ContiguousOp = new("aten::contiguous"), CloneOp = new("aten::clone"), DetachOp = new("aten::detach"), AliasOp = new("aten::alias");
        private static readonly Op IndexSelectOp = new("aten::index_select"), GatherOp = new("aten::gather");
        private static readonly Op WhereOp = new("aten::where", "self"), MaskedFillOp = new("aten::masked_fill", "Scalar"), TrilOp = new("aten::tril"), TriuOp = new("aten::triu");
        private static readonly Op ToDtype = new("aten::to", "dtype"), ToDevice = new("aten::to", "device");
        private static readonly Op ZerosLikeOp = new("aten::zeros_like"), EmptyLikeOp = new("aten::empty_like");

        public Tensor view(params long[] shape) => ViewOp.Call(this, shape);
        public Tensor reshape(params long[] shape) => ReshapeOp.Call(this, shape);
        public Tensor transpose(long dim0, long dim1) => TransposeOp.Call(this, dim0, dim1);
        public Tensor t() => TOp.Call(this);
        public Tensor unsqueeze(long dim) => UnsqueezeOp.Call(this, dim);
        public Tensor squeeze(long? dim = null) => dim is { } one ? SqueezeOp.Call(this, one) : SqueezeAllOp.Call(this);
        public Tensor expand(params long[] sizes) => ExpandOp.Call(this, sizes);
        public Tensor narrow(long dim, long start, long length) => NarrowOp.Call(this, dim, start, length);
        public Tensor select(long dim, long index) => SelectOp.Call(this, dim, index);
        public Tensor flatten(long start_dim = 0, long end_dim = -1) => FlattenOp.Call(this, start_dim, end_dim);
        public Tensor[] split(long[] sizes, long dim = 0) => SplitOp.CallMany(this, sizes, dim);
        public Tensor contiguous() => ContiguousOp.Call(this);
        public Tensor clone() => CloneOp.Call(this);
        public Tensor detach() => DetachOp.Call(this);
        public Tensor alias() => AliasOp.Call(this);

        public Tensor index_select(long dim, Tensor index) => IndexSelectOp.Call(this, dim, index);
        public Tensor gather(long dim, Tensor index) => GatherOp.Call(this, dim, index);
        public Tensor where(Tensor condition, Tensor y) => WhereOp.Call(condition, this, y);
        public Tensor masked_fill(Tensor mask, Scalar value) => MaskedFillOp.Call(this, mask, value);
        public Tensor tril(long diagonal = 0) => TrilOp.Call(this, diagonal);
        public Tensor triu(long diagonal = 0) => TriuOp.Call(this, diagonal);

        /// <summary>The same memory when it has the wanted type already, else a converted copy.</summary>
        public Tensor to(ScalarType type, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(type == dtype && !copy ? alias() : ToDtype.Call(this, type, non_blocking, copy), disposeAfter);

        public Tensor to(Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(ToDevice.Call(this, device, dtype, non_blocking, copy), disposeAfter);

        public Tensor to(ScalarType type, Device device, bool copy = false, bool disposeAfter = false, bool non_blocking = false) =>
            Converted(ToDevice.Call(this, device, type, non_blocking, copy), disposeAfter);

        public Tensor cpu() => to(CPU);

        public Tensor zeros_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            ZerosLikeOp.Call(this, dtype, Arg.None, device).requires_grad_(requires_grad);

        public Tensor empty_like(ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
            EmptyLikeOp.Call(this, dtype, Arg.None, device).requires_grad_(requires_grad);

        private Tensor Converted(Tensor result, bool disposeAfter)
        {
            if (disposeAfter) Dispose();
            return result;
        }
    }
}
