import Tasks
import Torch

/// The optimisation of a head on encoded pairs.
struct HeadFitting {
  let settings: PreferenceSettings
  let encoder: any PrefixEncoder
  let encoded: any EncodedPrefixes
  let pairs: [PrefixPair]
  let validation: [PrefixPair]

  typealias Epoch = PreferenceTrainingReport.Epoch

  /// Passes over the pairs until the settings say so.
  ///
  /// - Returns: the model with the best pass's weights.
  func fit(
    onEpoch: (Epoch) -> Void
  ) throws -> (model: PreferenceModel, epochs: [Epoch], bestEpoch: Int) {
    let head = try initialHead()
    for (_, tensor) in head.parameters { tensor.requiresGradient = true }
    let optimizer = AdamW([
      .init(
        head.parameters.filter { $0.name.hasSuffix("weight") },
        weightDecay: settings.classifierWeightDecay),
      .init(head.parameters.filter { $0.name.hasSuffix("bias") }),
    ])
    let dropout = Dropout(
      settings.mlpDropout,
      generator: try RandomGenerator(seed: seed("preference-dropout"), device: encoder.device))
    var order = SplitMix64(seed: UInt64(settings.seed), label: "preference-order")
    var best = Best(head: head.copy(), epoch: 0, score: nil)
    var epochs: [Epoch] = []
    for epoch in 1...settings.classifierEpochs {
      let loss = try pass(head, optimizer, dropout, over: order.shuffled(Array(pairs.indices)))
      let current = try PreferenceModel(encoder: encoder, head: head)
      let trained = PairMeasures(try current.scored(pairs, in: encoded))
      let judged =
        validation.isEmpty ? nil : PairMeasures(try current.scored(validation, in: encoded))
      let record = Epoch(
        epoch: epoch, trainingLoss: loss, trainingAccuracy: trained.accuracy.mean ?? 0,
        validationLoss: judged?.loss, validationAccuracy: judged?.decisive.mean)
      epochs.append(record)
      onEpoch(record)
      let score = judged.map { Score(accuracy: $0.decisive.mean ?? 0, loss: $0.loss) }
      if best.isWorse(than: score) { best = Best(head: head.copy(), epoch: epoch, score: score) }
      if let patience = settings.earlyStopPatience, epoch - best.epoch >= patience { break }
    }
    return (try PreferenceModel(encoder: encoder, head: best.head), epochs, best.epoch)
  }

  private struct Score {
    let accuracy: Double
    let loss: Double
  }

  private struct Best {
    let head: PreferenceHead
    let epoch: Int
    let score: Score?

    /// Without a validation score the latest is the best.
    func isWorse(than other: Score?) -> Bool {
      guard let other, let score else { return true }
      return (score.accuracy, -score.loss) < (other.accuracy, -other.loss)
    }
  }

  private func seed(_ purpose: String) -> UInt64 {
    var random = SplitMix64(seed: UInt64(settings.seed), label: purpose)
    return random.next()
  }

  private func initialHead() throws -> PreferenceHead {
    // Drawn on the CPU, so that every device starts from the same weights.
    let identity = encoder.identity
    let drawn = PreferenceHead(
      kind: settings.prefixHead, width: identity.width, arrangement: identity.arrangement,
      hidden: settings.mlpWidth,
      generator: try RandomGenerator(seed: seed("preference-weights")))
    return try withoutGradients {
      try PreferenceHead(
        kind: drawn.kind, firstWeight: drawn.firstWeight.to(encoder.device),
        firstBias: drawn.firstBias.to(encoder.device),
        secondWeight: drawn.secondWeight.to(encoder.device),
        secondBias: drawn.secondBias.to(encoder.device),
        scaling: settings.standardizeFeatures ? scaling() : nil)
    }
  }

  /// The statistics of all training features, every prefix once.
  private func scaling() throws -> FeatureScaling {
    if let vectors = encoded.separate {
      let used = Set(pairs.flatMap { [$0.winner.prefix, $0.loser.prefix] }).sorted()
      return FeatureScaling(of: vectors.indexSelect(0, Tensor(used, on: encoder.device)))
    }
    let features = try encoded.pairs(
      first: pairs.map(\.winner.prefix), second: pairs.map(\.loser.prefix), bothOrders: true)
    return switch features {
    case .joint(let ordered, let reversed):
      FeatureScaling(of: .concatenated([ordered, PairFeatures.read(reversed)]))
    case .separate(let first, let second):
      FeatureScaling(of: .concatenated([first, second]))
    }
  }

  /// One pass.
  ///
  /// - Returns: the mean loss over pairs.
  private func pass(
    _ head: PreferenceHead, _ optimizer: AdamW, _ dropout: Dropout, over order: [Int]
  ) throws -> Double {
    var total = 0.0
    for start in stride(from: 0, to: order.count, by: settings.classifierBatch) {
      let batch = order[start..<min(start + settings.classifierBatch, order.count)].map {
        pairs[$0]
      }
      let features = try encoded.pairs(
        first: batch.map(\.winner.prefix), second: batch.map(\.loser.prefix), bothOrders: true
      ).scaled(head.scaling)
      let winnerFirst = head.logits(features, dropout: dropout)
      let loserFirst =
        head.kind.isAntisymmetric
        ? -winnerFirst : head.logits(features.reversed, dropout: dropout)
      let loss = PreferenceHead.loss(winnerFirst: winnerFirst, loserFirst: loserFirst)
      let value = loss.item
      guard value.isFinite else {
        throw PreferenceError.notFinite(what: "the loss of the preference head")
      }
      total += value * Double(batch.count)
      optimizer.clearGradients()
      loss.backward()
      optimizer.step(learningRate: settings.classifierLearningRate)
    }
    return total / Double(order.count)
  }
}

extension PreferenceHead {
  /// A head with the weights as they are now, without gradients.
  func copy() -> PreferenceHead {
    withoutGradients {
      PreferenceHead(
        kind: kind, firstWeight: firstWeight.cloned(), firstBias: firstBias.cloned(),
        secondWeight: secondWeight.cloned(), secondBias: secondBias.cloned(), scaling: scaling)
    }
  }
}
