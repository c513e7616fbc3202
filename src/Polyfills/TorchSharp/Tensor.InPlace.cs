namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static readonly Op AddTensor_ = new("aten::add_", "Tensor"), AddScalar_ = new("aten::add_", "Scalar");
        private static readonly Op SubTensor_ = new("aten::sub_", "Tensor"), MulTensor_ = new("aten::mul_", "Tensor"), MulScalar_ = new("aten::mul_", "Scalar");
        private static readonly Op DivScalar_ = new("aten::div_", "Scalar"), DivTensor_ = new("aten::div_", "Tensor"), AddmmOp_ = new("aten::addmm_"), ExpOp_ = new("aten::exp_");
        private static readonly Op AddcmulOp_ = new("aten::addcmul_"), AddcdivOp_ = new("aten::addcdiv_");
        private static readonly Op CopyOp_ = new("aten::copy_"), ZeroOp_ = new("aten::zero_"), FillOp_ = new("aten::fill_", "Scalar");
        private static readonly Op IndexAddOp_ = new("aten::index_add_");

        public Tensor add_(Tensor target) => AddTensor_.CallInPlace(this, target);
        public Tensor add_(Tensor target, Scalar alpha) => AddTensor_.CallInPlace(this, target, alpha);
        public Tensor add_(Scalar scalar) => AddScalar_.CallInPlace(this, scalar);
        public Tensor sub_(Tensor target) => SubTensor_.CallInPlace(this, target);
        public Tensor mul_(Tensor target) => MulTensor_.CallInPlace(this, target);
        public Tensor mul_(Scalar target) => MulScalar_.CallInPlace(this, target);
        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => TrueDivision(rounding_mode, DivTensor_).CallInPlace(this, target);
        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => TrueDivision(rounding_mode, DivScalar_).CallInPlace(this, target);
        public Tensor addmm_(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) => AddmmOp_.CallInPlace(this, mat1, mat2, (double)beta, (double)alpha);
        public Tensor exp_() => ExpOp_.CallInPlace(this);
        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => AddcmulOp_.CallInPlace(this, tensor1, tensor2, value);
        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => AddcdivOp_.CallInPlace(this, tensor1, tensor2, value);
        public Tensor copy_(Tensor source, bool nonBlocking = false) => CopyOp_.CallInPlace(this, source, nonBlocking);
        public Tensor zero_() => ZeroOp_.CallInPlace(this);
        public Tensor fill_(Scalar value) => FillOp_.CallInPlace(this, value);
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => IndexAddOp_.CallInPlace(this, dim, index, source, alpha);
    }
}
