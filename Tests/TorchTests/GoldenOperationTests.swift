import Foundation
import Testing

@testable import Torch

private struct Operations: Decodable {
  struct Case: Decodable {
    let name: String
    let inputs: [GoldenTensor]
    let output: GoldenTensor
    let upstream: GoldenTensor
    let gradients: [GoldenTensor?]
  }
  struct Entropies: Decodable {
    let hidden: GoldenTensor
    let weight: GoldenTensor
    let targets: GoldenTensor
    let entropies: GoldenTensor
  }
  let cases: [Case]
  let entropies: Entropies
}

private func attention(_ t: [Tensor], masked: Bool = false, causal: Bool = false) -> Tensor {
  .attention(
    query: t[0], key: t[1], value: t[2], mask: masked ? t[3] : nil, causal: causal, scale: 0.5)
}

private func tokenLogProbabilities(_ t: [Tensor], chunkRows: Int) -> Tensor {
  Tensor.tokenLogProbabilities(
    hidden: t[0], weight: t[1], targets: t[2], temperature: 0.7, chunkRows: chunkRows
  ).logProbabilities
}

/// What each case of the golden file calls.
private let operations: [String: @Sendable ([Tensor]) -> Tensor] = [
  "add": { $0[0] + $0[1] }, "subtract": { $0[0] - $0[1] }, "multiply": { $0[0] * $0[1] },
  "divide": { $0[0] / $0[1] }, "addNumber": { 1.5 + $0[0] }, "numberLess": { 1.5 - $0[0] },
  "numberOver": { 1.5 / $0[0] }, "negate": { -$0[0] }, "minimum": { .minimum($0[0], $0[1]) },
  "maximum": { .maximum($0[0], $0[1]) }, "clamp": { $0[0].clamped(min: -0.5, max: 0.5) },
  "clampBelow": { $0[0].clamped(min: -0.5) }, "power": { $0[0].power(1.5) },
  "exp": { $0[0].exp() }, "expm1": { $0[0].expm1() }, "sin": { $0[0].sin() },
  "cos": { $0[0].cos() }, "tanh": { $0[0].tanh() }, "sigmoid": { $0[0].sigmoid() },
  "relu": { $0[0].relu() }, "abs": { $0[0].abs() }, "square": { $0[0].squared() },
  "log": { $0[0].log() }, "log1p": { $0[0].log1p() }, "sqrt": { $0[0].sqrt() },
  "rsqrt": { $0[0].rsqrt() }, "reciprocal": { $0[0].reciprocal() },
  "logSigmoid": { $0[0].logSigmoid() }, "softplus": { $0[0].softplus() },
  "silu": { $0[0].silu() }, "gelu": { $0[0].gelu() },
  "geluTanh": { $0[0].gelu(approximated: true) },

  "sum": { $0[0].sum() }, "sumKeep": { $0[0].sum(0, 2, keepDims: true) },
  "mean": { $0[0].mean(1) }, "max": { $0[0].max(1) }, "min": { $0[0].min(0, -1) },
  "logSumExp": { $0[0].logSumExp(1) }, "norm": { $0[0].norm() },
  "variance": { $0[0].variance(1) },
  "variancePopulation": { $0[0].variance(-1, correction: 0, keepDims: true) },
  "cumulativeSum": { $0[0].cumulativeSum(1) },
  "sortedValues": { $0[0].sorted(1, descending: true).values },
  "topValues": { $0[0].topK(2).values },

  "reshape": { $0[0].reshaped([3, -1]) }, "transpose": { $0[0].transposed() },
  "permute": { $0[0].permuted([2, 0, 1]) }, "unsqueeze": { $0[0].unsqueezed(1) },
  "squeeze": { $0[0].squeezed(0) }, "expand": { $0[0].expanded([2, -1]) },
  "narrow": { $0[0].narrow(1, from: 1, count: 2) }, "select": { $0[0].select(1, 2) },
  "flip": { $0[0].flipped(1) }, "lowerTriangle": { $0[0].lowerTriangle() },
  "repeatInterleave": { $0[0].repeatInterleaved(2, dim: 1) },
  "padLast": { $0[0].paddedLast(before: 1, after: 2, value: 0.5) },
  "concatenate": { .concatenated($0, dim: 1) }, "stack": { .stacked($0, dim: 1) },
  "clone": { $0[0].cloned() },

  "indexSelect": { $0[0].indexSelect(1, $0[1]) }, "gather": { $0[0].gather(1, $0[1]) },
  "scatter": { $0[0].scatter(1, $0[1], $0[2]) },
  "scatterAdd": { $0[0].scatterAdd(1, $0[1], $0[2]) },
  "indexAdd": { $0[0].indexAdd(1, $0[1], $0[2]) },
  "maskedFill": { $0[0].maskedFill($0[1], 0.5) }, "maskedSelect": { $0[0].maskedSelect($0[1]) },
  "where": { .where($0[0], $0[1], $0[2]) },
  "rowsColumns": { $0[0][rows: $0[1], columns: $0[2]] },
  "embedding": { $0[0].embedding($0[1]) },

  "matmul": { $0[0].matmul($0[1]) }, "matmulBatched": { $0[0].matmul($0[1]) },
  "linear": { $0[0].linear($0[1], bias: $0[2]) }, "softmax": { $0[0].softmax() },
  "logSoftmax": { $0[0].logSoftmax(0) }, "rmsNorm": { $0[0].rmsNorm($0[1], epsilon: 1e-5) },
  "layerNorm": { $0[0].layerNorm($0[1], bias: $0[2], epsilon: 1e-5) },
  "siluMultiply": { .siluMultiplied(gate: $0[0], up: $0[1]) },
  "rotary": { $0[0].rotated(cos: $0[1], sin: $0[2]) },
  "attention": { attention($0) }, "attentionCausal": { attention($0, causal: true) },
  "attentionMask": { attention($0, masked: true) },
  "attentionBias": { attention($0, masked: true) },
  "attentionGrouped": { attention($0, masked: true) },
  "attentionGroupedCausal": { attention($0, causal: true) },
  "tokenLogProbabilities": { tokenLogProbabilities($0, chunkRows: 100) },
  "tokenLogProbabilitiesInChunks": { tokenLogProbabilities($0, chunkRows: 2) },
]

/// Values and gradients of every differentiable operation against PyTorch in double precision.
@Suite struct GoldenOperationTests {
  @Test(arguments: [(DType.float64, 1e-12), (.float32, 2e-6)])
  func agreesWithPyTorch(_ type: DType, _ tolerance: Double) throws {
    let file: Operations = try golden("operations")
    #expect(Set(file.cases.map(\.name)) == Set(operations.keys))
    var worst = (name: "", deviation: 0.0)
    func compare(_ found: Tensor, _ wanted: GoldenTensor, _ name: String) {
      #expect(found.shape == wanted.shape, "\(name)")
      let distance = deviation(found.doubles, wanted.values)
      #expect(
        distance <= tolerance, "\(name): found \(found.doubles), expected \(wanted.values)")
      if distance > worst.deviation { worst = (name, distance) }
    }
    for item in file.cases {
      let operation = try #require(operations[item.name])
      let inputs = item.inputs.map { $0.tensor(type) }
      let constants = withoutGradients { operation(inputs) }
      #expect(constants.dtype == type, "\(item.name)")
      compare(constants, item.output, "\(item.name) without history")
      for (input, gradient) in zip(inputs, item.gradients) where gradient != nil {
        input.requiresGradient = true
      }
      let output = operation(inputs)
      compare(output, item.output, item.name)
      output.backward(gradient: item.upstream.tensor(type))
      for (index, gradient) in item.gradients.enumerated() {
        let found = inputs[index].gradient
        #expect((found == nil) == (gradient == nil), "\(item.name), input \(index)")
        if let found, let gradient {
          compare(found, gradient, "\(item.name), gradient \(index)")
        }
      }
    }
    print("largest deviation in \(type): \(worst.deviation) in \(worst.name)")
  }

  @Test(arguments: [1, 2, 5, 100])
  func entropiesAgreeWithPyTorch(_ chunkRows: Int) throws {
    let wanted = try golden("operations", as: Operations.self).entropies
    for (type, tolerance) in [(DType.float64, 1e-12), (.float32, 1e-6)] {
      let hidden = wanted.hidden.tensor(type)
      hidden.requiresGradient = true
      let found = Tensor.tokenLogProbabilities(
        hidden: hidden, weight: wanted.weight.tensor(type), targets: wanted.targets.tensor(),
        temperature: 0.7, chunkRows: chunkRows)
      expect(
        found.entropies, wanted.entropies.shape, wanted.entropies.values, tolerance: tolerance)
      #expect(!found.entropies.requiresGradient)
      #expect(found.logProbabilities.requiresGradient)
    }
  }
}
