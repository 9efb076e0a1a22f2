import Testing
import Torch

@testable import Models

/// Agreement with transformers; the tolerances are the project's own contract.
@Suite("Parity with transformers")
struct ParityTests {
  static let logitTolerance = 1e-4
  static let gradientTolerance = 1e-3

  @Test(arguments: Fixture.allCases)
  func logits(_ fixture: Fixture) throws {
    let expected = try fixture.expected()
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    let hidden = withoutGradients { model.hiddenStates(Tensor(rows: expected.ids)) }
    let logits = model.logits(hidden: hidden)
    #expect(
      largestDifference(logits, expected.logits, "\(fixture) logits") < Self.logitTolerance)
  }

  /// The path that records history multiplies by every weight apart.
  @Test(arguments: Fixture.allCases)
  func logitsWhileTraining(_ fixture: Fixture) throws {
    let expected = try fixture.expected()
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    expectRecordedLogits(
      of: model, expected.ids, expected.logits, within: Self.logitTolerance, "\(fixture)")
  }

  @Test(arguments: Fixture.allCases)
  func logitsWithPaddingInFront(_ fixture: Fixture) throws {
    let expected = try fixture.expected()
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    let length = expected.ids[0].count
    let (mask, positions) = leftPadded([0, expected.padding], length: length)
    let logits = withoutGradients {
      model.logits(
        hidden: model.hiddenStates(
          Tensor(rows: expected.ids), positions: positions, mask: mask))
    }
    #expect(logits.isFinite().all().intItem == 1)
    let real = logits.narrow(1, from: expected.padding, count: length - expected.padding)
    #expect(
      largestDifference(real, expected.paddedLogits, "\(fixture) padded logits")
        < Self.logitTolerance)
  }

  @Test(arguments: Fixture.allCases)
  func gradients(_ fixture: Fixture) throws {
    let expected = try fixture.expected()
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    model.trainable = true
    let loss = nextIDLoss(of: model, expected.ids, paddedLength: expected.paddedLength)
    #expect(abs(loss.item - expected.loss) < 1e-5)
    loss.backward()
    try expectGradients(
      of: model.parameters, expected.gradients, within: Self.gradientTolerance, "\(fixture)")
  }

  @Test(arguments: Fixture.allCases)
  func greedyContinuationWithoutCache(_ fixture: Fixture) throws {
    let expected = try fixture.expected()
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    for (prompt, continuation) in zip(expected.prompts, expected.greedy) {
      var ids = prompt
      for _ in continuation {
        let hidden = withoutGradients { model.hiddenStates(Tensor(rows: [ids])) }
        ids.append(model.logits(hidden: hidden.select(1, ids.count - 1)).argmax(-1).intItem)
      }
      #expect(Array(ids.dropFirst(prompt.count)) == continuation)
    }
  }

  /// Prompts of different lengths, padded in front, in one batch with a cache.
  @Test(arguments: Fixture.allCases)
  func greedyContinuationWithCache(_ fixture: Fixture) throws {
    let expected = try fixture.expected()
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    let width = try #require(expected.prompts.map(\.count).max())
    let paddings = expected.prompts.map { width - $0.count }
    let rows = zip(paddings, expected.prompts).map { Array(repeating: 0, count: $0) + $1 }
    let cache = ConcatenatingCache(model.configuration)
    let newTokens = expected.greedy[0].count
    var found: [[Int]] = rows.map { _ in [] }
    withoutGradients {
      let (mask, positions) = leftPadded(paddings, length: width)
      var hidden = model.hiddenStates(
        Tensor(rows: rows), positions: positions, mask: mask, cache: cache)
      for step in 0..<newTokens {
        let next = model.logits(hidden: hidden.select(1, hidden.size(1) - 1)).argmax(-1)
        for (row, id) in next.ints.enumerated() { found[row].append(id) }
        let total = width + step + 1
        let mask = paddings.flatMap { padding in (0..<total).map { $0 >= padding } }
        hidden = model.hiddenStates(
          next.unsqueezed(1),
          positions: Tensor(rows: paddings.map { [total - 1 - $0] }),
          mask: Tensor(mask, shape: [rows.count, 1, 1, total]), cache: cache)
      }
    }
    #expect(found == expected.greedy)
  }

  /// A prompt given to the cache in pieces has the hidden states of the whole.
  @Test(arguments: Fixture.allCases)
  func prefillInPieces(_ fixture: Fixture) throws {
    let expected = try fixture.expected()
    let model = try CausalLanguageModel.load(folder: fixture.folder)
    let ids = Tensor(rows: expected.ids)
    let cache = ConcatenatingCache(model.configuration)
    let pieces = withoutGradients {
      [(0, 3), (3, 6), (9, 1)].map { start, count in
        model.hiddenStates(ids.narrow(1, from: start, count: count), cache: cache)
      }
    }
    let logits = model.logits(hidden: .concatenated(pieces, dim: 1))
    #expect(
      largestDifference(logits, expected.logits, "\(fixture) logits in pieces")
        < Self.logitTolerance)
  }
}
