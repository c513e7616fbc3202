// The native half of the TorchSharp polyfill: any ATen operator, called by name through the dispatcher,
// and the few things that are not operators (autograd, tensor storage, threads, seeds).
// Every function returns a negative number or null on failure; tsp_error() then tells why.

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/GradMode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/csrc/autograd/variable.h>

#define EXPORT extern "C" __attribute__((visibility("default")))

// One operator argument or result. `count` is the length of a list at `pointer`.
struct Value {
  int32_t kind;
  int32_t count;
  union {
    int64_t integer;
    double real;
    void* pointer;
  };
};

enum Kind : int32_t {
  None = 0, TensorKind = 1, Integer = 2, Real = 3, Boolean = 4, IntegerList = 5,
  TensorList = 6, String = 7, DeviceKind = 8, Default = 9
};

static thread_local std::string last_error;

template <typename F>
static auto guarded(F body, decltype(body()) failure) -> decltype(body()) {
  try {
    return body();
  } catch (const c10::Error& e) {
    last_error = e.what_without_backtrace();
  } catch (const std::exception& e) {
    last_error = e.what();
  }
  return failure;
}

static at::Tensor& as_tensor(void* handle) { return *static_cast<at::Tensor*>(handle); }
static void* own(at::Tensor tensor) { return new at::Tensor(std::move(tensor)); }

EXPORT const char* tsp_error() { return last_error.c_str(); }

// ---- operators ----

EXPORT void* tsp_find(const char* name, const char* overload) {
  return guarded([&]() -> void* {
    return new c10::OperatorHandle(c10::Dispatcher::singleton().findSchemaOrThrow(name, overload));
  }, nullptr);
}

static c10::IValue to_ivalue(const Value& value, const c10::Argument& argument) {
  switch (value.kind) {
    case Default:
      TORCH_CHECK(argument.default_value().has_value(), "argument ", argument.name(), " has no default");
      return *argument.default_value();
    case TensorKind: return as_tensor(value.pointer);
    case Integer: return value.integer;
    case Real: return value.real;
    case Boolean: return value.integer != 0;
    case IntegerList: {
      auto* items = static_cast<int64_t*>(value.pointer);
      return c10::List<int64_t>(at::IntArrayRef(items, value.count));
    }
    case TensorList: {
      c10::List<at::Tensor> list;
      list.reserve(value.count);
      auto** items = static_cast<void**>(value.pointer);
      for (int i = 0; i < value.count; i++) list.push_back(as_tensor(items[i]));
      return list;
    }
    case String: return std::string(static_cast<const char*>(value.pointer));
    case DeviceKind: return c10::Device(static_cast<c10::DeviceType>(value.integer >> 16), static_cast<int8_t>(value.integer & 0xff));
    default: return c10::IValue();
  }
}

static int push_result(const c10::IValue& result, Value* results, int count, int capacity) {
  auto put = [&](Value value) {
    TORCH_CHECK(count < capacity, "more than ", capacity, " results");
    results[count++] = value;
  };
  Value value{};
  if (result.isTensor()) {
    value.kind = TensorKind;
    value.pointer = own(result.toTensor());
    put(value);
  } else if (result.isTensorList()) {
    for (const at::Tensor& tensor : result.toTensorVector()) {
      value.kind = TensorKind;
      value.pointer = own(tensor);
      put(value);
    }
  } else if (result.isBool()) {
    value.kind = Boolean;
    value.integer = result.toBool();
    put(value);
  } else if (result.isInt()) {
    value.kind = Integer;
    value.integer = result.toInt();
    put(value);
  } else if (result.isDouble()) {
    value.kind = Real;
    value.real = result.toDouble();
    put(value);
  } else if (!result.isNone()) {
    TORCH_CHECK(false, "result kind ", result.tagKind(), " is not supported");
  }
  return count;
}

// Missing trailing arguments take the schema's defaults. Returns the number of results.
EXPORT int tsp_call(void* op, const Value* arguments, int count, Value* results, int capacity) {
  return guarded([&]() -> int {
    auto& handle = *static_cast<c10::OperatorHandle*>(op);
    const auto& schema = handle.schema().arguments();
    TORCH_CHECK(count <= (int)schema.size(), handle.schema().name(), " takes ", schema.size(), " arguments, got ", count);
    torch::jit::Stack stack;
    stack.reserve(schema.size());
    Value missing{Default, 0, {0}};
    for (size_t i = 0; i < schema.size(); i++)
      stack.push_back(to_ivalue((int)i < count ? arguments[i] : missing, schema[i]));
    handle.callBoxed(&stack);
    int produced = 0;
    for (const auto& result : stack) produced = push_result(result, results, produced, capacity);
    return produced;
  }, -1);
}

// ---- tensors ----

EXPORT void tsp_free(void* tensor) { delete static_cast<at::Tensor*>(tensor); }
EXPORT void* tsp_data(void* tensor) { return guarded([&]() -> void* { return as_tensor(tensor).data_ptr(); }, nullptr); }
EXPORT int64_t tsp_dim(void* tensor) { return as_tensor(tensor).dim(); }
EXPORT int64_t tsp_numel(void* tensor) { return as_tensor(tensor).numel(); }
EXPORT int64_t tsp_element_size(void* tensor) { return as_tensor(tensor).element_size(); }
EXPORT int tsp_dtype(void* tensor) { return (int)as_tensor(tensor).scalar_type(); }
EXPORT int tsp_is_contiguous(void* tensor) { return as_tensor(tensor).is_contiguous(); }
EXPORT void tsp_sizes(void* tensor, int64_t* sizes) { auto s = as_tensor(tensor).sizes(); std::copy(s.begin(), s.end(), sizes); }
EXPORT void tsp_strides(void* tensor, int64_t* strides) { auto s = as_tensor(tensor).strides(); std::copy(s.begin(), s.end(), strides); }

EXPORT int64_t tsp_device(void* tensor) {
  auto device = as_tensor(tensor).device();
  return ((int64_t)device.type() << 16) | (device.index() & 0xff);
}

// ---- autograd ----

EXPORT int tsp_requires_grad(void* tensor) { return as_tensor(tensor).requires_grad(); }
EXPORT int tsp_is_leaf(void* tensor) { return as_tensor(tensor).is_leaf(); }

EXPORT int tsp_set_requires_grad(void* tensor, int value) {
  return guarded([&]() -> int { as_tensor(tensor).set_requires_grad(value != 0); return 0; }, -1);
}

EXPORT void* tsp_grad(void* tensor) {
  auto& grad = as_tensor(tensor).grad();
  return grad.defined() ? own(grad) : nullptr;
}

EXPORT int tsp_set_grad(void* tensor, void* grad) {
  return guarded([&]() -> int { as_tensor(tensor).mutable_grad() = grad ? as_tensor(grad) : at::Tensor(); return 0; }, -1);
}

EXPORT int tsp_backward(void** tensors, void** grads, int count, int retain_graph, int create_graph) {
  return guarded([&]() -> int {
    std::vector<at::Tensor> roots, gradients;
    for (int i = 0; i < count; i++) {
      roots.push_back(as_tensor(tensors[i]));
      if (grads) gradients.push_back(grads[i] ? as_tensor(grads[i]) : at::Tensor());
    }
    torch::autograd::backward(roots, gradients, retain_graph != 0, create_graph != 0);
    return 0;
  }, -1);
}

EXPORT int tsp_grad_enabled() { return c10::GradMode::is_enabled(); }
EXPORT void tsp_set_grad_enabled(int value) { c10::GradMode::set_enabled(value != 0); }

// ---- attention ----

// softmax(q kT scale + mask) v over the last two dimensions. Like newer libtorch's own kernels it keeps queries, keys and values for the
// way back, not the probabilities, which are computed a second time there.
struct Attention : torch::autograd::Function<Attention> {
  static at::Tensor probabilities(const at::Tensor& q, const at::Tensor& k, const at::Tensor& mask, double scale) {
    auto scores = at::matmul(q, k.transpose(-2, -1)).mul_(scale);
    if (mask.defined()) scores.add_(mask);
    return scores.softmax(-1);
  }

  static at::Tensor forward(torch::autograd::AutogradContext* context, at::Tensor q, at::Tensor k, at::Tensor v, at::Tensor mask, double scale) {
    context->save_for_backward({q, k, v, mask});
    context->saved_data["scale"] = scale;
    return at::matmul(probabilities(q, k, mask, scale), v);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, torch::autograd::variable_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &q = saved[0], &k = saved[1], &v = saved[2];
    const double scale = context->saved_data["scale"].toDouble();
    const auto p = probabilities(q, k, saved[3], scale);
    const auto dv = at::matmul(p.transpose(-2, -1), gradients[0]);
    const auto dp = at::matmul(gradients[0], v.transpose(-2, -1));
    const auto ds = at::_softmax_backward_data(dp, p, -1, p.scalar_type()).mul_(scale);
    return {at::matmul(ds, k), at::matmul(ds.transpose(-2, -1), q), dv, at::Tensor(), at::Tensor()};
  }
};

EXPORT void* tsp_attention(void* q, void* k, void* v, void* mask, double scale) {
  return guarded([&]() -> void* {
    return own(Attention::apply(as_tensor(q), as_tensor(k), as_tensor(v), mask ? as_tensor(mask) : at::Tensor(), scale));
  }, nullptr);
}

// ---- process ----

EXPORT void tsp_set_num_threads(int threads) { at::set_num_threads(threads); }
EXPORT int tsp_get_num_threads() { return at::get_num_threads(); }
EXPORT void tsp_manual_seed(int64_t seed) { at::manual_seed((uint64_t)seed); }
EXPORT int tsp_cuda_device_count() { return at::hasCUDA() ? at::detail::getCUDAHooks().getNumGPUs() : 0; }
