import Foundation
import Models
import Rollouts
import Torch

/// Memory that policy optimization will take, from shapes alone; to be compared with what the machine
/// has. Activations are an upper estimate for one micro-batch.
public struct MemoryEstimate {
  /// Parts in bytes by name.
  public let parts: [(name: String, bytes: Int)]

  // Tensors of the hidden width that one decoder layer keeps for its gradient: the two norms' inputs
  // and outputs, queries, attention output, and the residual sums.
  private static let hiddenTensorsPerLayer = 8
  // Gate, up, the gated product.
  private static let intermediateTensorsPerLayer = 3

  /// - Parameter adapter: the adapter that is trained; nil where all weights are.
  /// - Throws: `ModelError` for a target that the model does not have.
  init(
    model: ModelConfiguration, adapter: LoRAConfiguration?, configuration: RunConfiguration
  ) throws {
    let bytes =
      configuration.model.precision == nil || configuration.model.precision == .float32 ? 4 : 2
    let parameters = model.parameterCount
    let training = configuration.training
    let tokens = training.microBatchTokens
    let layer =
      Self.hiddenTensorsPerLayer * model.hiddenSize
      + 2 * model.keyValueHeadCount * model.headWidth
      + Self.intermediateTensorsPerLayer * model.intermediateSize
    let cacheRows = min(
      configuration.rollouts.batchRows, training.promptsPerStep * training.groupSize)
    let cacheTokens = cacheRows * configuration.rollouts.maximumCompletion
    let cacheBytes =
      2 * cacheTokens * model.layerCount * model.keyValueHeadCount * model.headWidth * bytes
    // An adapter computes in single precision; its reference is the base itself; and sampling adds it to
    // copies of the weights, unless they are of half precision.
    let single = 4
    let adapterBytes = try adapter.map { try $0.parameterCount(for: model) * single }
    let copies =
      bytes < single ? 0 : try adapter.map { try $0.adaptedWeightCount(of: model) * bytes } ?? 0
    let trained = adapterBytes ?? parameters * bytes
    let reference =
      configuration.method.loss.needsReference && adapter == nil ? parameters * bytes : 0
    parts = [
      ("weights", parameters * bytes),
      ("adapter", adapterBytes ?? 0),
      ("copies of adapted weights while sampling", copies),
      ("gradients", trained),
      ("AdamW's moments", 2 * trained),
      ("reference policy", reference),
      ("activations of a micro-batch", tokens * layer * model.layerCount * bytes),
      (
        "logits of a chunk",
        3 * min(TrajectoryBatch.logitElements, tokens * model.vocabularySize) * 4
      ),
      (
        "key-value cache",
        cacheBytes
      ),
      // The frozen policy that judges them reads all rollouts along.
      ("key-value cache of stopping", configuration.method.onlineStopping == nil ? 0 : cacheBytes),
    ]
  }

  /// All parts together, in bytes.
  public var total: Int { parts.map(\.bytes).reduce(0, +) }

  /// The parts for people.
  public var text: String {
    let lines = parts.filter { $0.bytes > 0 }.map {
      "  \($0.name): \(String(format: "%.1f", Double($0.bytes) / 1_048_576)) MiB"
    }
    let available = ProcessInfo.processInfo.physicalMemory >> 20
    return "memory estimate: \(total >> 20) MiB of \(available) MiB\n"
      + lines.joined(separator: "\n")
  }
}
