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

  init(model: ModelConfiguration, configuration: RunConfiguration) {
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
    let reference = configuration.method.loss.needsReference ? parameters * bytes : 0
    parts = [
      ("weights", parameters * bytes),
      ("gradients", parameters * bytes),
      ("AdamW's moments", 2 * parameters * bytes),
      ("reference policy", reference),
      ("activations of a micro-batch", tokens * layer * model.layerCount * bytes),
      (
        "logits of a chunk",
        3 * min(TrajectoryBatch.logitElements, tokens * model.vocabularySize) * 4
      ),
      (
        "key-value cache",
        2 * cacheTokens * model.layerCount * model.keyValueHeadCount * model.headWidth * bytes
      ),
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
