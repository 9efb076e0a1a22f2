// Tensors: life, shape, indexing, arithmetic, reductions.
#include <ATen/TensorIndexing.h>

#include <cmath>
#include <limits>

#include "Support.h"

using namespace ctorch;

// MARK: Life

void ct_tensor_free(CTTensor *tensor) { delete tensor; }

CTTensor *ct_tensor_retain(const CTTensor *t) {
  return make([&] { return t->value; });
}

CTTensor *ct_from_host(const void *data, const int64_t *shape, int rank, int dtype) {
  return make([&] {
    auto result = at::empty(list(shape, rank), options(dtype, CT_CPU, 0));
    if (result.nbytes() > 0) std::memcpy(result.data_ptr(), data, result.nbytes());
    return result;
  });
}

CTTensor *ct_from_shared(void *data, const int64_t *shape, int rank, int dtype, void *context,
                         void (*release)(void *)) {
  return make([&] {
    return at::from_blob(
        data, list(shape, rank), [context, release](void *) { release(context); },
        options(dtype, CT_CPU, 0));
  });
}

int ct_copy_to_host(const CTTensor *t, void *destination, size_t byte_count) {
  return run([&] {
    auto host = t->value.detach().to(at::kCPU).contiguous();
    TORCH_CHECK(host.nbytes() == byte_count, "a tensor of ", host.nbytes(),
                " bytes does not fit a buffer of ", byte_count, " bytes");
    if (byte_count > 0) std::memcpy(destination, host.data_ptr(), byte_count);
  });
}

const void *ct_host_data(const CTTensor *t) {
  const bool readable = t->value.is_cpu() && t->value.is_contiguous() && t->value.numel() > 0;
  return readable ? t->value.const_data_ptr() : nullptr;
}

CTTensor *ct_full(const int64_t *shape, int rank, double value, int dtype, int device_type,
                  int device_index) {
  return make([&] {
    return at::full(list(shape, rank), value, options(dtype, device_type, device_index));
  });
}

CTTensor *ct_empty(const int64_t *shape, int rank, int dtype, int device_type, int device_index) {
  return make(
      [&] { return at::empty(list(shape, rank), options(dtype, device_type, device_index)); });
}

CTTensor *ct_arange(double start, double end, double step, int dtype, int device_type,
                    int device_index) {
  return make(
      [&] { return at::arange(start, end, step, options(dtype, device_type, device_index)); });
}

int ct_rank(const CTTensor *t) { return static_cast<int>(t->value.dim()); }
int64_t ct_size(const CTTensor *t, int dim) {
  const int64_t rank = t->value.dim();
  const int64_t at = dim < 0 ? dim + rank : dim;
  return at < 0 || at >= rank ? -1 : t->value.size(at);
}
int64_t ct_element_count(const CTTensor *t) { return t->value.numel(); }
int ct_dtype(const CTTensor *t) { return static_cast<int>(t->value.scalar_type()); }
int ct_device_type(const CTTensor *t) {
  return t->value.is_cuda() ? CT_CUDA : t->value.is_mps() ? CT_MPS : CT_CPU;
}
int ct_device_index(const CTTensor *t) {
  return t->value.device().has_index() ? t->value.device().index() : 0;
}
bool ct_is_contiguous(const CTTensor *t) { return t->value.is_contiguous(); }

int ct_item_double(const CTTensor *t, double *value) {
  return run([&] { *value = t->value.item().toDouble(); });
}

int ct_item_int(const CTTensor *t, int64_t *value) {
  return run([&] { *value = t->value.item().toLong(); });
}

CTTensor *ct_to(const CTTensor *t, int dtype, int device_type, int device_index) {
  return make([&] { return t->value.to(options(dtype, device_type, device_index)); });
}
CTTensor *ct_to_dtype(const CTTensor *t, int dtype) {
  return make([&] { return t->value.to(scalar_type(dtype)); });
}
CTTensor *ct_clone(const CTTensor *t) {
  return make([&] { return t->value.clone(); });
}
CTTensor *ct_contiguous(const CTTensor *t) {
  return make([&] { return t->value.contiguous(); });
}

// MARK: Shape

CTTensor *ct_reshape(const CTTensor *t, const int64_t *shape, int rank) {
  return make([&] { return t->value.reshape(list(shape, rank)); });
}
CTTensor *ct_transpose(const CTTensor *t, int dim0, int dim1) {
  return make([&] { return t->value.transpose(dim0, dim1); });
}
CTTensor *ct_permute(const CTTensor *t, const int64_t *dims, int rank) {
  return make([&] { return t->value.permute(list(dims, rank)); });
}
CTTensor *ct_unsqueeze(const CTTensor *t, int dim) {
  return make([&] { return t->value.unsqueeze(dim); });
}
CTTensor *ct_squeeze(const CTTensor *t, int dim) {
  return make([&] { return t->value.squeeze(dim); });
}
CTTensor *ct_expand(const CTTensor *t, const int64_t *shape, int rank) {
  return make([&] { return t->value.expand(list(shape, rank)); });
}
CTTensor *ct_narrow(const CTTensor *t, int dim, int64_t start, int64_t length) {
  return make([&] { return t->value.narrow(dim, start, length); });
}
CTTensor *ct_select(const CTTensor *t, int dim, int64_t index) {
  return make([&] { return t->value.select(dim, index); });
}
CTTensor *ct_flip(const CTTensor *t, int dim) {
  return make([&] { return t->value.flip({dim}); });
}
CTTensor *ct_tril(const CTTensor *t, int64_t diagonal) {
  return make([&] { return t->value.tril(diagonal); });
}
CTTensor *ct_repeat_interleave(const CTTensor *t, int64_t repeats, int dim) {
  return make([&] { return t->value.repeat_interleave(repeats, dim); });
}
CTTensor *ct_cat(CTTensor *const *tensors, int count, int dim) {
  return make([&] { return at::cat(values(tensors, count), dim); });
}
CTTensor *ct_stack(CTTensor *const *tensors, int count, int dim) {
  return make([&] { return at::stack(values(tensors, count), dim); });
}
CTTensor *ct_pad(const CTTensor *t, const int64_t *pads, int count, double value) {
  return make([&] { return at::constant_pad_nd(t->value, list(pads, count), value); });
}

// MARK: Indexing

CTTensor *ct_index_select(const CTTensor *t, int dim, const CTTensor *index) {
  return make([&] { return t->value.index_select(dim, index->value); });
}
CTTensor *ct_gather(const CTTensor *t, int dim, const CTTensor *index) {
  return make([&] { return t->value.gather(dim, index->value); });
}
CTTensor *ct_scatter(const CTTensor *t, int dim, const CTTensor *index, const CTTensor *source) {
  return make([&] { return t->value.scatter(dim, index->value, source->value); });
}
CTTensor *ct_scatter_add(const CTTensor *t, int dim, const CTTensor *index,
                         const CTTensor *source) {
  return make([&] { return t->value.scatter_add(dim, index->value, source->value); });
}
CTTensor *ct_index_add(const CTTensor *t, int dim, const CTTensor *index, const CTTensor *source) {
  return make([&] { return t->value.index_add(dim, index->value, source->value); });
}
CTTensor *ct_masked_fill(const CTTensor *t, const CTTensor *mask, double value) {
  return make([&] { return t->value.masked_fill(mask->value, scalar(value, t->value.scalar_type())); });
}
CTTensor *ct_masked_select(const CTTensor *t, const CTTensor *mask) {
  return make([&] { return t->value.masked_select(mask->value); });
}
CTTensor *ct_nonzero(const CTTensor *t) {
  return make([&] { return t->value.nonzero(); });
}
CTTensor *ct_where(const CTTensor *condition, const CTTensor *on_true, const CTTensor *on_false) {
  return make([&] { return at::where(condition->value, on_true->value, on_false->value); });
}
CTTensor *ct_index2(const CTTensor *t, const CTTensor *rows, const CTTensor *columns) {
  return make([&] {
    return t->value.index({at::indexing::TensorIndex(rows->value),
                           at::indexing::TensorIndex(columns->value)});
  });
}
int ct_index_put2_(CTTensor *t, const CTTensor *rows, const CTTensor *columns,
                   const CTTensor *source) {
  return run([&] {
    t->value.index_put_({at::indexing::TensorIndex(rows->value),
                         at::indexing::TensorIndex(columns->value)},
                        source->value);
  });
}

// MARK: Arithmetic

template <typename Right>
static at::Tensor binary(int operation, const at::Tensor &a, const Right &b) {
  switch (operation) {
    case CT_ADD: return a.add(b);
    case CT_SUB: return a.sub(b);
    case CT_MUL: return a.mul(b);
    case CT_DIV: return a.div(b);
    case CT_POW: return a.pow(b);
    case CT_EQ: return a.eq(b);
    case CT_NE: return a.ne(b);
    case CT_LT: return a.lt(b);
    case CT_LE: return a.le(b);
    case CT_GT: return a.gt(b);
    case CT_GE: return a.ge(b);
    case CT_FLOOR_DIVIDE: return a.floor_divide(b);
    case CT_REMAINDER: return a.remainder(b);
  }
  TORCH_CHECK(false, "unknown binary operation ", operation);
}

CTTensor *ct_binary(int operation, const CTTensor *left, const CTTensor *right) {
  return make([&]() -> at::Tensor {
    switch (operation) {
      case CT_MINIMUM: return at::minimum(left->value, right->value);
      case CT_MAXIMUM: return at::maximum(left->value, right->value);
      case CT_LOGICAL_AND: return left->value.logical_and(right->value);
      case CT_LOGICAL_OR: return left->value.logical_or(right->value);
      default: return binary(operation, left->value, right->value);
    }
  });
}

CTTensor *ct_binary_scalar(int operation, const CTTensor *left, double right) {
  return make([&] {
    const auto number = scalar(right, left->value.scalar_type());
    return operation == CT_RSUB ? at::rsub(left->value, number)
                                : binary(operation, left->value, number);
  });
}

CTTensor *ct_unary(int operation, const CTTensor *tensor) {
  return make([&]() -> at::Tensor {
    const at::Tensor &t = tensor->value;
    switch (operation) {
      case CT_NEG: return t.neg();
      case CT_EXP: return t.exp();
      case CT_LOG: return t.log();
      case CT_LOG1P: return t.log1p();
      case CT_SQRT: return t.sqrt();
      case CT_RSQRT: return t.rsqrt();
      case CT_SQUARE: return t.square();
      case CT_ABS: return t.abs();
      case CT_SIGN: return t.sign();
      case CT_SIN: return t.sin();
      case CT_COS: return t.cos();
      case CT_TANH: return t.tanh();
      case CT_SIGMOID: return t.sigmoid();
      case CT_LOG_SIGMOID: return at::log_sigmoid(t);
      case CT_SOFTPLUS: return at::softplus(t);
      case CT_RELU: return t.relu();
      case CT_SILU: return at::silu(t);
      case CT_GELU: return at::gelu(t);
      case CT_GELU_TANH: return at::gelu(t, "tanh");
      case CT_FLOOR: return t.floor();
      case CT_RECIPROCAL: return t.reciprocal();
      case CT_LOGICAL_NOT: return t.logical_not();
      case CT_IS_FINITE: return t.isfinite();
      case CT_EXPM1: return t.expm1();
    }
    TORCH_CHECK(false, "unknown unary operation ", operation);
  });
}

CTTensor *ct_clamp(const CTTensor *t, double minimum, double maximum) {
  return make([&] {
    std::optional<at::Scalar> low, high;
    if (!std::isinf(minimum)) low = scalar(minimum, t->value.scalar_type());
    if (!std::isinf(maximum)) high = scalar(maximum, t->value.scalar_type());
    return low || high ? t->value.clamp(low, high) : t->value;
  });
}

// MARK: Reductions

CTTensor *ct_reduce(int operation, const CTTensor *tensor, const int64_t *dims, int dim_count,
                    bool keep) {
  return make([&]() -> at::Tensor {
    const at::Tensor &t = tensor->value;
    std::vector<int64_t> all;
    if (dim_count == 0) {
      for (int64_t i = 0; i < t.dim(); i++) all.push_back(i);
    }
    const at::IntArrayRef over = dim_count == 0 ? at::IntArrayRef(all) : list(dims, dim_count);
    switch (operation) {
      case CT_SUM: return over.empty() ? t.sum() : t.sum(over, keep);
      case CT_MEAN: return over.empty() ? t.mean() : t.mean(over, keep);
      case CT_AMAX: return t.amax(over, keep);
      case CT_AMIN: return t.amin(over, keep);
      case CT_LOGSUMEXP: return t.logsumexp(over, keep);
      case CT_NORM2: return at::linalg_vector_norm(t, 2, over, keep);
    }
    TORCH_CHECK(false, "unknown reduction ", operation);
  });
}

CTTensor *ct_variance(const CTTensor *t, int dim, int64_t correction, bool keep_dims) {
  return make([&] {
    const int64_t dims[] = {dim};
    return t->value.var(at::IntArrayRef(dims, 1), at::Scalar(correction), keep_dims);
  });
}
CTTensor *ct_any(const CTTensor *t) {
  return make([&] { return t->value.any(); });
}
CTTensor *ct_all(const CTTensor *t) {
  return make([&] { return t->value.all(); });
}
CTTensor *ct_argmax(const CTTensor *t, int dim) {
  return make([&] { return t->value.argmax(dim); });
}
CTTensor *ct_cumsum(const CTTensor *t, int dim) {
  return make([&] { return t->value.cumsum(dim); });
}

static void split(std::tuple<at::Tensor, at::Tensor> pair, CTTensor **first, CTTensor **second) {
  *first = new CTTensor{std::get<0>(pair)};
  *second = new CTTensor{std::get<1>(pair)};
}

int ct_sort(const CTTensor *t, int dim, bool descending, CTTensor **values, CTTensor **indices) {
  return run([&] { split(t->value.sort(/*stable=*/true, dim, descending), values, indices); });
}
int ct_topk(const CTTensor *t, int64_t k, int dim, CTTensor **values, CTTensor **indices) {
  return run([&] { split(t->value.topk(k, dim), values, indices); });
}

// MARK: In place

int ct_copy_(CTTensor *t, const CTTensor *source) {
  return run([&] { t->value.copy_(source->value); });
}
int ct_fill_(CTTensor *t, double value) {
  return run([&] { t->value.fill_(scalar(value, t->value.scalar_type())); });
}
int ct_add_scaled_(CTTensor *t, const CTTensor *other, double alpha) {
  return run([&] { t->value.add_(other->value, scalar(alpha, t->value.scalar_type())); });
}
int ct_mul_scalar_(CTTensor *t, double factor) {
  return run([&] { t->value.mul_(scalar(factor, t->value.scalar_type())); });
}
