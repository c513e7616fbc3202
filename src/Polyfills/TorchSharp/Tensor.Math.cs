namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op AddTensor = new("aten::add", "Tensor"), AddScalar = new("aten::add", "Scalar");
        private static readonly Op SubTensor = new("aten::sub", "Tensor"), SubScalar = new("aten::sub", "Scalar"), RsubScalar = new("aten::rsub", "Scalar");
        private static readonly Op MulTensor = new("aten::mul", "Tensor"), MulScalar = new("aten::mul", "Scalar");
        private static readonly Op DivTensor = new("aten::div", "Tensor"), DivScalar = new("aten::div", "Scalar");
        private static readonly Op PowScalar = new("aten::pow", "Tensor_Scalar");
        private static readonly Op NegOp = new("aten::neg"), ExpOp = new("aten::exp"), LogOp = new("aten::log"), SqrtOp = new("aten::sqrt");
        private static readonly Op RsqrtOp = new("aten::rsqrt"), CosOp = new("aten::cos"), SinOp = new("aten::sin"), AbsOp = new("aten::abs");
        private static readonly Op ReluOp = new("aten::relu"), SigmoidOp = new("aten::sigmoid"), IsFiniteOp = new("aten::isfinite"), LogicalNotOp = new("aten::logical_not");
        private static readonly Op MatmulOp = new("aten::matmul"), MmOp = new("aten::mm"), BmmOp = new("aten::bmm"), AddmmOp = new("aten::addmm");
        private static readonly Op SumAll = new("aten::sum"), SumDims = new("aten::sum", "dim_IntList");
        private static readonly Op MeanAll = new("aten::mean"), MeanDims = new("aten::mean", "dim");
        private static readonly Op AmaxOp = new("aten::amax"), MaxAll = new("aten::max"), ArgmaxOp = new("aten::argmax"), AllOp = new("aten::all"), NormOp = new("aten::norm", "Scalar");
        private static readonly Op LogsumexpOp = new("aten::logsumexp"), LogSoftmaxOp = new("aten::log_softmax", "int"), SoftmaxOp = new("aten::softmax", "int");
        private static readonly Op EqTensor = new("aten::eq", "Tensor"), GtTensor = new("aten::gt", "Tensor"), GtScalar = new("aten::gt", "Scalar");

        public Tensor add(Tensor target) => AddTensor.Call(this, target);
        public Tensor add(Tensor target, Scalar alpha) => AddTensor.Call(this, target, alpha);
        public Tensor add(Scalar scalar) => AddScalar.Call(this, scalar);
        public Tensor sub(Tensor target) => SubTensor.Call(this, target);
        public Tensor sub(Scalar target) => SubScalar.Call(this, target);
        public Tensor mul(Tensor target) => MulTensor.Call(this, target);
        public Tensor mul(Scalar target) => MulScalar.Call(this, target);
        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => TrueDivision(rounding_mode, DivTensor).Call(this, target);
        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => TrueDivision(rounding_mode, DivScalar).Call(this, target);
        public Tensor pow(Scalar exponent) => PowScalar.Call(this, exponent);
        public Tensor square() => pow(2);
        public Tensor neg() => NegOp.Call(this);
        public Tensor exp() => ExpOp.Call(this);
        public Tensor log() => LogOp.Call(this);
        public Tensor sqrt() => SqrtOp.Call(this);
        public Tensor rsqrt() => RsqrtOp.Call(this);
        public Tensor cos() => CosOp.Call(this);
        public Tensor sin() => SinOp.Call(this);
        public Tensor abs() => AbsOp.Call(this);
        public Tensor relu() => ReluOp.Call(this);
        public Tensor sigmoid() => SigmoidOp.Call(this);
        public Tensor isfinite() => IsFiniteOp.Call(this);
        public Tensor logical_not() => LogicalNotOp.Call(this);

        public Tensor matmul(Tensor target) => MatmulOp.Call(this, target);
        public Tensor mm(Tensor target) => MmOp.Call(this, target);
        public Tensor bmm(Tensor batch2) => BmmOp.Call(this, batch2);
        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => AddmmOp.Call(this, mat1, mat2, (double)beta, (double)alpha);

        public Tensor sum(ScalarType? type = null) => SumAll.Call(this, type);
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => SumDims.Call(this, new[] { dim }, keepdim, type);
        public Tensor mean() => MeanAll.Call(this);
        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) => MeanDims.Call(this, dimensions, keepdim, type);
        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => @out is null ? AmaxOp.Call(this, dims, keepdim) : throw new NotSupportedException("amax into an existing tensor is not covered by this polyfill.");
        public Tensor max() => MaxAll.Call(this);
        public Tensor argmax(long dim, bool keepdim = false) => ArgmaxOp.Call(this, dim, keepdim);
        public Tensor all() => AllOp.Call(this);
        public Tensor norm(float p = 2.0f) => NormOp.Call(this, (double)p);
        public Tensor logsumexp(long dim, bool keepdim = false) => LogsumexpOp.Call(this, new[] { dim }, keepdim);
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => LogSoftmaxOp.Call(this, dim, dtype);
        public Tensor softmax(long dim, ScalarType? dtype = null) => SoftmaxOp.Call(this, dim, dtype);
        public Tensor eq(Tensor target) => EqTensor.Call(this, target);
        public Tensor gt(Tensor target) => GtTensor.Call(this, target);
        public Tensor gt(Scalar target) => GtScalar.Call(this, target);

        private static Op TrueDivision(RoundingMode mode, Op division) =>
            mode == RoundingMode.None ? division : throw new NotSupportedException("Division with rounding is not covered by this polyfill.");

        public static Tensor operator +(Tensor left, Tensor right) => left.add(right);
        public static Tensor operator +(Tensor left, Scalar right) => left.add(right);
        public static Tensor operator +(Tensor left, double right) => left.add(right);
        public static Tensor operator -(Tensor left, Tensor right) => left.sub(right);
        public static Tensor operator -(Tensor left, Scalar right) => left.sub(right);
        public static Tensor operator -(Tensor left, double right) => left.sub(right);
        public static Tensor operator -(double left, Tensor right) => RsubScalar.Call(right, left);
        public static Tensor operator -(Tensor tensor) => tensor.neg();
        public static Tensor operator *(Tensor left, Tensor right) => left.mul(right);
        public static Tensor operator *(Tensor left, Scalar right) => left.mul(right);
        public static Tensor operator *(Tensor left, double right) => left.mul(right);
        public static Tensor operator *(double left, Tensor right) => right.mul(left);
        public static Tensor operator /(Tensor left, Tensor right) => left.div(right);
        public static Tensor operator /(Tensor left, Scalar right) => left.div(right);
        public static Tensor operator /(Tensor left, double right) => left.div(right);
    }

    /// <summary>How a quotient is rounded; only <see cref="None"/> is covered here.</summary>
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);
    public static Tensor outer(Tensor input, Tensor vec2) => input.unsqueeze(1) * vec2.unsqueeze(0);
}
