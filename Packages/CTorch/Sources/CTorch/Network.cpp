// Network pieces that libtorch has.
#include "Support.h"

using namespace ctorch;

CTTensor *ct_matmul(const CTTensor *left, const CTTensor *right) {
  return make([&] { return at::matmul(left->value, right->value); });
}
CTTensor *ct_softmax(const CTTensor *t, int dim) {
  return make([&] { return t->value.softmax(dim); });
}
CTTensor *ct_log_softmax(const CTTensor *t, int dim) {
  return make([&] { return t->value.log_softmax(dim); });
}
CTTensor *ct_embedding(const CTTensor *weight, const CTTensor *ids) {
  return make([&] { return at::embedding(weight->value, ids->value); });
}
CTTensor *ct_layer_norm(const CTTensor *input, const CTTensor *weight, const CTTensor *bias,
                        double epsilon) {
  return make([&] {
    return at::layer_norm(input->value, weight->value.sizes(), weight->value, optional(bias),
                          epsilon);
  });
}
CTTensor *ct_dropout(const CTTensor *input, double probability) {
  return make([&] { return at::dropout(input->value, probability, /*train=*/true); });
}
