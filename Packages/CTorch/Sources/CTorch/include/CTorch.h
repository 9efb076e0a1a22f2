// CTorch: a plain C interface over libtorch, as much of it as Laconic uses.
//
// Conventions
// - `CTTensor` is an owned reference to a libtorch tensor; release it with `ct_tensor_free`.
// - A function that makes a tensor returns NULL when libtorch raised; a function that returns
//   `int` returns 0 for success and -1 when libtorch raised. `ct_last_error` then has the message
//   (of this thread, valid until the next failing call).
// - Shapes and index lists are `(const int64_t *, int)`. A negative dimension counts from the end.
// - `CTTensor *` parameters named `optional_...` may be NULL.
#ifndef CTORCH_H
#define CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif
#pragma GCC visibility push(default)

typedef struct CTTensor CTTensor;
typedef struct CTGenerator CTGenerator;

// Numbers equal c10::ScalarType's (checked when the library is compiled).
enum {
  CT_UINT8 = 0,
  CT_INT8 = 1,
  CT_INT16 = 2,
  CT_INT32 = 3,
  CT_INT64 = 4,
  CT_FLOAT16 = 5,
  CT_FLOAT32 = 6,
  CT_FLOAT64 = 7,
  CT_BOOL = 11,
  CT_BFLOAT16 = 15
};

enum { CT_CPU = 0, CT_CUDA = 1, CT_MPS = 2 };

// MARK: Library
const char *ct_last_error(void);
const char *ct_torch_version(void);
// Loads the accelerator part of libtorch where there is one and sets allocator thresholds. Call
// once before anything else. Never fails: `ct_cuda_load_message` says why CUDA is not there.
void ct_initialize(void);
const char *ct_cuda_load_message(void);
bool ct_cuda_is_available(void);
bool ct_mps_is_available(void);
int ct_cuda_device_count(void);
int ct_synchronize(int device_type, int device_index);
int ct_set_thread_count(int count);
int ct_thread_count(void);
// Makes operations that have a deterministic form take it; the others warn.
void ct_set_deterministic(bool enabled);

// MARK: Life of a tensor
void ct_tensor_free(CTTensor *tensor);
// A second reference to the same tensor.
CTTensor *ct_tensor_retain(const CTTensor *tensor);
// Copies `element_count` elements of `dtype` from host memory.
CTTensor *ct_from_host(const void *data, const int64_t *shape, int rank, int dtype);
// Shares host memory; `release(context)` runs when libtorch drops it.
CTTensor *ct_from_shared(void *data, const int64_t *shape, int rank, int dtype, void *context,
                         void (*release)(void *));
// Copies a tensor's elements (in row-major order, as they are typed) to host memory of `byte_count`.
int ct_copy_to_host(const CTTensor *tensor, void *destination, size_t byte_count);
// Where the elements of a contiguous CPU tensor lie; NULL for any other tensor or an empty one.
const void *ct_host_data(const CTTensor *tensor);
CTTensor *ct_full(const int64_t *shape, int rank, double value, int dtype, int device_type,
                  int device_index);
CTTensor *ct_empty(const int64_t *shape, int rank, int dtype, int device_type, int device_index);
CTTensor *ct_arange(double start, double end, double step, int dtype, int device_type,
                    int device_index);

int ct_rank(const CTTensor *tensor);
int64_t ct_size(const CTTensor *tensor, int dim);
int64_t ct_element_count(const CTTensor *tensor);
int ct_dtype(const CTTensor *tensor);
int ct_device_type(const CTTensor *tensor);
int ct_device_index(const CTTensor *tensor);
bool ct_is_contiguous(const CTTensor *tensor);
// The single element as a double; NaN and an error when there is not exactly one.
int ct_item_double(const CTTensor *tensor, double *value);
int ct_item_int(const CTTensor *tensor, int64_t *value);

CTTensor *ct_to(const CTTensor *tensor, int dtype, int device_type, int device_index);
CTTensor *ct_to_dtype(const CTTensor *tensor, int dtype);
CTTensor *ct_clone(const CTTensor *tensor);
CTTensor *ct_contiguous(const CTTensor *tensor);

// MARK: Shape
CTTensor *ct_reshape(const CTTensor *tensor, const int64_t *shape, int rank);
CTTensor *ct_transpose(const CTTensor *tensor, int dim0, int dim1);
CTTensor *ct_permute(const CTTensor *tensor, const int64_t *dims, int rank);
CTTensor *ct_unsqueeze(const CTTensor *tensor, int dim);
CTTensor *ct_squeeze(const CTTensor *tensor, int dim);
CTTensor *ct_expand(const CTTensor *tensor, const int64_t *shape, int rank);
CTTensor *ct_narrow(const CTTensor *tensor, int dim, int64_t start, int64_t length);
CTTensor *ct_select(const CTTensor *tensor, int dim, int64_t index);
CTTensor *ct_flip(const CTTensor *tensor, int dim);
CTTensor *ct_tril(const CTTensor *tensor, int64_t diagonal);
CTTensor *ct_repeat_interleave(const CTTensor *tensor, int64_t repeats, int dim);
CTTensor *ct_cat(CTTensor *const *tensors, int count, int dim);
CTTensor *ct_stack(CTTensor *const *tensors, int count, int dim);
CTTensor *ct_pad(const CTTensor *tensor, const int64_t *pads, int count, double value);

// MARK: Indexing
CTTensor *ct_index_select(const CTTensor *tensor, int dim, const CTTensor *index);
CTTensor *ct_gather(const CTTensor *tensor, int dim, const CTTensor *index);
CTTensor *ct_scatter(const CTTensor *tensor, int dim, const CTTensor *index,
                     const CTTensor *source);
CTTensor *ct_scatter_add(const CTTensor *tensor, int dim, const CTTensor *index,
                         const CTTensor *source);
CTTensor *ct_index_add(const CTTensor *tensor, int dim, const CTTensor *index,
                       const CTTensor *source);
CTTensor *ct_masked_fill(const CTTensor *tensor, const CTTensor *mask, double value);
CTTensor *ct_masked_select(const CTTensor *tensor, const CTTensor *mask);
CTTensor *ct_nonzero(const CTTensor *tensor);
CTTensor *ct_where(const CTTensor *condition, const CTTensor *on_true, const CTTensor *on_false);
// tensor[:, ...] row/column picks: result[i] = tensor[rows[i], columns[i]].
CTTensor *ct_index2(const CTTensor *tensor, const CTTensor *rows, const CTTensor *columns);
// tensor[rows[i], columns[i]] = source[i], in place.
int ct_index_put2_(CTTensor *tensor, const CTTensor *rows, const CTTensor *columns,
                   const CTTensor *source);

// MARK: Arithmetic
enum {
  CT_ADD,
  CT_SUB,
  CT_MUL,
  CT_DIV,
  CT_POW,
  CT_MINIMUM,
  CT_MAXIMUM,
  CT_EQ,
  CT_NE,
  CT_LT,
  CT_LE,
  CT_GT,
  CT_GE,
  CT_LOGICAL_AND,
  CT_LOGICAL_OR,
  CT_FLOOR_DIVIDE,
  CT_REMAINDER,
  CT_RSUB  // a number less the tensor
};
CTTensor *ct_binary(int operation, const CTTensor *left, const CTTensor *right);
CTTensor *ct_binary_scalar(int operation, const CTTensor *left, double right);
enum {
  CT_NEG,
  CT_EXP,
  CT_LOG,
  CT_LOG1P,
  CT_SQRT,
  CT_RSQRT,
  CT_SQUARE,
  CT_ABS,
  CT_SIGN,
  CT_SIN,
  CT_COS,
  CT_TANH,
  CT_SIGMOID,
  CT_LOG_SIGMOID,
  CT_SOFTPLUS,
  CT_RELU,
  CT_SILU,
  CT_GELU,
  CT_GELU_TANH,
  CT_FLOOR,
  CT_RECIPROCAL,
  CT_LOGICAL_NOT,
  CT_IS_FINITE,
  CT_EXPM1
};
CTTensor *ct_unary(int operation, const CTTensor *tensor);
CTTensor *ct_clamp(const CTTensor *tensor, double minimum, double maximum);

// MARK: Reductions. `dim_count` 0 reduces everything to a scalar.
enum { CT_SUM, CT_MEAN, CT_AMAX, CT_AMIN, CT_LOGSUMEXP, CT_NORM2 };
CTTensor *ct_reduce(int operation, const CTTensor *tensor, const int64_t *dims, int dim_count,
                    bool keep_dims);
CTTensor *ct_variance(const CTTensor *tensor, int dim, int64_t correction, bool keep_dims);
CTTensor *ct_any(const CTTensor *tensor);
CTTensor *ct_all(const CTTensor *tensor);
CTTensor *ct_argmax(const CTTensor *tensor, int dim);
CTTensor *ct_cumsum(const CTTensor *tensor, int dim);
int ct_sort(const CTTensor *tensor, int dim, bool descending, CTTensor **values,
            CTTensor **indices);
int ct_topk(const CTTensor *tensor, int64_t k, int dim, CTTensor **values, CTTensor **indices);

// MARK: Linear algebra and network pieces
CTTensor *ct_matmul(const CTTensor *left, const CTTensor *right);
CTTensor *ct_linear(const CTTensor *input, const CTTensor *weight, const CTTensor *optional_bias);
CTTensor *ct_softmax(const CTTensor *tensor, int dim);
CTTensor *ct_log_softmax(const CTTensor *tensor, int dim);
CTTensor *ct_embedding(const CTTensor *weight, const CTTensor *ids);
CTTensor *ct_rms_norm(const CTTensor *input, const CTTensor *weight, double epsilon);
CTTensor *ct_layer_norm(const CTTensor *input, const CTTensor *weight,
                        const CTTensor *optional_bias, double epsilon);
CTTensor *ct_dropout(const CTTensor *input, double probability);
// query [batch, heads, length, width], key and value [batch, kvHeads, total, width];
// `optional_mask` broadcasts to [batch, heads, length, total]: boolean (true = attend) or additive.
CTTensor *ct_attention(const CTTensor *query, const CTTensor *key, const CTTensor *value,
                       const CTTensor *optional_mask, bool causal, double scale);
// Causal attention of sequences packed one after the other, query [1, heads, length, width], key and
// value [1, kvHeads, length, width]. `layout` int64 [sequences, 2] on the CPU: positions, and 1 for a
// branch, which also attends to all of the last sequence before it that is none, its stem.
CTTensor *ct_packed_attention(const CTTensor *query, const CTTensor *key, const CTTensor *value,
                              const CTTensor *layout, double scale);
// One decoding step's attention of rows that continue stems: query [rows, heads, 1, width], key and value
// [rows, kvHeads, 1, width], which are written to `column` of the rows' own memory. Keys
// [n, kvHeads, blocks, width, CT_KEY_BLOCK] (positions in blocks, transposed), values
// [n, kvHeads, room, width], single precision on the CPU, n stems or slots. `layout` int64 [rows, 3] on
// the CPU: a row's stem, how many positions that has, the row's slot; rows of a stem next to each other.
enum { CT_KEY_BLOCK = 16 };
CTTensor *ct_decoding_attention(const CTTensor *query, const CTTensor *key, const CTTensor *value,
                                const CTTensor *stem_keys, const CTTensor *stem_values,
                                CTTensor *own_keys, CTTensor *own_values, const CTTensor *layout,
                                int64_t column, double scale);
// Rotary position embedding in the half-split layout (Hugging Face Llama, Qwen): input
// [batch, heads, length, width], cos and sin broadcast to it with last dimension width.
CTTensor *ct_rotary(const CTTensor *input, const CTTensor *cos, const CTTensor *sin);
// silu(gate) up, element by element, for two tensors of one shape and type.
CTTensor *ct_silu_mul(const CTTensor *gate, const CTTensor *up);
// Log-probabilities of `targets` [n] under softmax(hidden weight^T / temperature), computed in row
// chunks so that logits [n, vocabulary] never exist whole; differentiable in hidden [n, width] and
// weight [vocabulary, width]. Also the entropy of each row, without gradient.
int ct_token_log_probs(const CTTensor *hidden, const CTTensor *weight, const CTTensor *targets,
                       double temperature, int64_t chunk_rows, CTTensor **log_probs,
                       CTTensor **entropies);

// MARK: In place
int ct_copy_(CTTensor *tensor, const CTTensor *source);
int ct_fill_(CTTensor *tensor, double value);
int ct_add_scaled_(CTTensor *tensor, const CTTensor *other, double alpha);
int ct_mul_scalar_(CTTensor *tensor, double factor);

// MARK: Autograd
bool ct_set_gradient_mode(bool enabled); // returns what it was
bool ct_gradient_mode(void);
int ct_set_requires_gradient(CTTensor *tensor, bool required);
bool ct_requires_gradient(const CTTensor *tensor);
CTTensor *ct_detach(const CTTensor *tensor);
int ct_backward(const CTTensor *tensor, const CTTensor *optional_gradient);
// NULL without an error when there is no gradient.
CTTensor *ct_gradient(const CTTensor *tensor);
int ct_clear_gradient(CTTensor *tensor);
// Gradients of a scalar; an input that does not take part gets NULL in `gradients`.
int ct_gradients_of(const CTTensor *output, CTTensor *const *inputs, int count,
                    CTTensor **gradients);

// MARK: Optimisation
// One AdamW step (Loshchilov and Hutter 2019) over tensors with gradients; `steps` are float32
// scalars that count.
int ct_adamw_step(CTTensor *const *parameters, CTTensor *const *first_moments,
                  CTTensor *const *second_moments, CTTensor *const *steps, int count,
                  double learning_rate, double beta1, double beta2, double epsilon,
                  double weight_decay);
// The 2-norm over all gradients, as a scalar tensor; scales them down to `maximum` when above it
// (a non-positive `maximum` only measures).
CTTensor *ct_clip_gradient_norm(CTTensor *const *parameters, int count, double maximum);

// MARK: Random numbers
CTGenerator *ct_generator_new(uint64_t seed, int device_type, int device_index);
void ct_generator_free(CTGenerator *generator);
CTTensor *ct_generator_state(const CTGenerator *generator);
int ct_generator_set_state(CTGenerator *generator, const CTTensor *state);
CTTensor *ct_rand(const int64_t *shape, int rank, int dtype, CTGenerator *generator);
CTTensor *ct_randn(const int64_t *shape, int rank, int dtype, CTGenerator *generator);
CTTensor *ct_randperm(int64_t count, CTGenerator *generator);

#pragma GCC visibility pop
#ifdef __cplusplus
}
#endif
#endif
