import Foundation
import Testing
import Torch

@testable import PrefixPreference

@Suite("Preference model")
struct PreferenceModelTests {
  private func trained(_ kind: PreferenceHead.Kind) throws -> PreferenceModel {
    var settings = quickSettings(kind)
    settings.classifierEpochs = 1
    return try PreferenceTrainer(settings).train(
      learnableSolutions(questions: 16), encoder: CausalPrefixEncoder(tinyModel())
    ).model
  }

  private func expectClose(
    _ found: [PrefixScores], _ expected: [PrefixScores], _ tolerance: Double
  ) {
    #expect(found.count == expected.count)
    for (found, expected) in zip(found, expected) {
      #expect(found.oldNew.count == expected.oldNew.count)
      #expect((found.values == nil) == (expected.values == nil))
      let left = found.oldNew + found.newOld + (found.values ?? [])
      let right = expected.oldNew + expected.newOld + (expected.values ?? [])
      #expect(zip(left, right).allSatisfy { abs($0 - $1) <= tolerance })
    }
  }

  @Test("scores by hand: a Bradley-Terry head on one feature")
  func scoresByHand() throws {
    let model = try PreferenceModel(encoder: LastTokenEncoder(), head: identityHead())
    let scores = try model.score([
      RolloutSteps(promptIDs: [9], completionIDs: [1, 5, 3, 20], lastTokenOfStep: [1, 2, 3]),
      RolloutSteps(promptIDs: [9], completionIDs: [], lastTokenOfStep: []),
      RolloutSteps(promptIDs: [9], completionIDs: [7], lastTokenOfStep: [0]),
    ])
    // Features .5, .3, 2: logits .2 and -1.7.
    let expected = [
      PrefixScores(
        oldNew: [sigmoid(0.2), sigmoid(-1.7)], newOld: [sigmoid(-0.2), sigmoid(1.7)],
        values: [sigmoid(0.5), sigmoid(0.3), sigmoid(2)]),
      PrefixScores(oldNew: [], newOld: [], values: []),
      PrefixScores(oldNew: [], newOld: [], values: [sigmoid(0.7)]),
    ]
    expectClose(scores, expected, 1e-6)
    #expect(try model.score([]).isEmpty)
  }

  @Test("scores of a batch are those of single rollouts", arguments: PreferenceHead.Kind.allCases)
  func batching(kind: PreferenceHead.Kind) throws {
    let model = try trained(kind)
    let rollouts =
      randomRollouts(13) + [RolloutSteps(promptIDs: [4], completionIDs: [], lastTokenOfStep: [])]
    let together = try model.score(rollouts)
    expectClose(together, try rollouts.flatMap { try model.score([$0]) }, 1e-5)
    for (rollout, scores) in zip(rollouts, together) {
      #expect(scores.oldNew.count == max(0, rollout.stepCount - 1))
      #expect((scores.values?.count == rollout.stepCount) == (kind == .bradleyTerry))
      #expect((scores.oldNew + scores.newOld).allSatisfy { (0...1).contains($0) })
    }
  }

  @Test(
    "an order by itself has the scores it has among both", arguments: PreferenceHead.Kind.allCases)
  func singleOrders(kind: PreferenceHead.Kind) throws {
    let model = try trained(kind)
    let rollouts = randomRollouts(5)
    let both = try model.score(rollouts)
    let old = try model.score(rollouts, orders: [.oldNew])
    let new = try model.score(rollouts, orders: [.newOld])
    #expect(old.map(\.oldNew) == both.map(\.oldNew) && old.allSatisfy(\.newOld.isEmpty))
    #expect(new.map(\.newOld) == both.map(\.newOld) && new.allSatisfy(\.oldNew.isEmpty))
    let none = try model.score(rollouts, orders: [])
    #expect(none.map(\.values) == both.map(\.values))
    #expect(none.allSatisfy { $0.oldNew.isEmpty && $0.newOld.isEmpty })
    #expect(both.contains { !$0.oldNew.isEmpty })
  }

  @Test(
    "a saved model gives the same scores again", arguments: PreferenceHead.Kind.allCases,
    [true, false])
  func roundTrip(kind: PreferenceHead.Kind, scaled: Bool) throws {
    var model = try trained(kind)
    if !scaled {
      var head = model.head
      head.scaling = nil
      model = try PreferenceModel(encoder: model.encoder, head: head)
    }
    let rollouts = randomRollouts(5)
    let expected = try model.score(rollouts)
    try withTemporaryFolder { folder in
      let place = folder.appending(path: "new/preference")
      try model.save(to: place)
      let read = try PreferenceModel.load(folder: place, encoder: model.encoder)
      #expect(try read.score(rollouts) == expected)
      let causal = try PreferenceModel.load(folder: place, causal: try tinyModel())
      #expect(try causal.score(rollouts) == expected)
      #expect(try PreferenceModel.encoderIdentity(in: place) == model.encoder.identity)
    }
  }

  @Test("saving again replaces the weights and leaves no old ones")
  func replacing() throws {
    try withTemporaryFolder { folder in
      try trained(.pairwise).save(to: folder)
      let model = try trained(.bradleyTerry)
      try model.save(to: folder)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      #expect(names.count == 2)
      let read = try PreferenceModel.load(folder: folder, causal: try tinyModel())
      #expect(read.head.kind == .bradleyTerry)
    }
  }

  @Test("a killed save leaves the earlier model readable")
  func killedSave() throws {
    try withTemporaryFolder { folder in
      let model = try trained(.pairwise)
      try model.save(to: folder)
      // What a kill before the last step leaves: new weights beside the old record.
      try SafetensorsFile.write(
        identityHead().parameters, to: folder.appending(path: "head-0000000000000000.safetensors"))
      let rollouts = randomRollouts(3)
      let read = try PreferenceModel.load(folder: folder, encoder: model.encoder)
      #expect(try read.score(rollouts) == model.score(rollouts))
    }
  }

  @Test("another encoder is refused, with the difference")
  func anotherEncoder() throws {
    try withTemporaryFolder { folder in
      try trained(.antisymmetric).save(to: folder)
      func difference(_ encoder: any PrefixEncoder) -> String? {
        let error = #expect(throws: PreferenceError.self) {
          try PreferenceModel.load(folder: folder, encoder: encoder)
        }
        guard case .anotherEncoder(folder.path, let difference) = error else { return nil }
        return difference
      }
      let weights = difference(CausalPrefixEncoder(try tinyModel(seed: 2)))
      #expect(try #require(weights).contains("fingerprint of its weights"))
      let layer = difference(CausalPrefixEncoder(try tinyModel(), layer: .final))
      #expect(layer == "encoder-layer is final, expected before-final-norm")
      #expect(difference(LastTokenEncoder()) == "the kind is last-token, expected causal")
      #expect(throws: PreferenceError.self) {
        try PreferenceModel.load(folder: folder, causal: try tinyModel(seed: 2))
      }
    }
  }

  @Test("damaged files are named")
  func damage() throws {
    try withTemporaryFolder { folder in
      let encoder = LastTokenEncoder()
      let file = folder.appending(path: "preference.json")
      func message() throws -> String {
        let error = #expect(throws: (any Error).self) {
          try PreferenceModel.load(folder: folder, encoder: encoder)
        }
        return "\(try #require(error))"
      }
      #expect(try message().contains("preference.json: cannot be read"))
      try Data("{".utf8).write(to: file)
      #expect(try message().contains("it is not JSON"))
      try Data("{\"version\": 1}".utf8).write(to: file)
      #expect(try message().contains("the key head is missing"))

      try PreferenceModel(encoder: encoder, head: identityHead()).save(to: folder)
      let whole = try String(contentsOf: file, encoding: .utf8)
      func replace(_ old: String, _ new: String) throws {
        #expect(whole.contains(old))
        try Data(whole.replacing(old, with: new).utf8).write(to: file)
      }
      try replace("\"bradley-terry\"", "\"best\"")
      #expect(try message().contains("head"))
      try replace("\"version\" : 1", "\"version\" : 9")
      #expect(try message().contains("has version 9, expected 1"))
      try replace("\"head-", "\"../head-")
      #expect(try message().contains("a file's name without a folder"))
      try replace("\"bradley-terry\"", "\"pairwise\"")
      #expect(try message().contains("\"mlp.0.weight\" has shape [1, 1]"))
      try Data(whole.utf8).write(to: file)
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      let weights = try #require(names.first { $0.hasSuffix(".safetensors") })
      try FileManager.default.removeItem(at: folder.appending(path: weights))
      #expect(try message().contains(weights))
    }
  }

  @Test("a folder that cannot be made is an error")
  func unwritable() throws {
    try withTemporaryFolder { folder in
      let file = folder.appending(path: "file")
      try Data().write(to: file)
      let model = try PreferenceModel(encoder: LastTokenEncoder(), head: identityHead())
      let error = #expect(throws: PreferenceError.self) {
        try model.save(to: file.appending(path: "model"))
      }
      #expect(try #require(error).description.contains("cannot be made"))
    }
  }

  @Test("a score that is not finite is an error")
  func notFinite() throws {
    let head = identityHead()
    withoutGradients { head.firstWeight.fill(.infinity) }
    let model = try PreferenceModel(encoder: LastTokenEncoder(), head: head)
    #expect(throws: PreferenceError.self) { try model.score(randomRollouts(4)) }
  }
}
