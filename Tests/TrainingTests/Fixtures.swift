import Foundation
import Models
import PrefixPreference
import Rollouts
import Settings
import Tasks
import Tokenizers
import Torch

@testable import Training

/// A folder of its own that is gone when `body` returns.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appending(path: "laconic-training-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// The message of what `body` throws.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "nothing was thrown"
  } catch {
    return "\(error)"
  }
}

/// The characters of verl's digit task as tokens: with so few of them, a random network earns rewards.
enum Digits {
  static let tokens = ["<pad>", "<bos>", "<eos>"] + (0...9).map(String.init) + [",", ":"]

  static let tokenizerJSON: String = {
    let entries = tokens.enumerated()
    let vocabulary = entries.map { "\"\($1)\":\($0)" }.joined(separator: ",")
    let added = entries.prefix(3).map {
      """
      {"id":\($0),"content":"\($1)","single_word":false,"lstrip":false,"rstrip":false,\
      "normalized":false,"special":true}
      """
    }
    return """
      {"version":"1.0","truncation":null,"padding":null,"added_tokens":[\(added.joined(separator: ","))],
      "normalizer":null,
      "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false},
      "post_processor":{"type":"TemplateProcessing",
      "single":[{"SpecialToken":{"id":"<bos>","type_id":0}},{"Sequence":{"id":"A","type_id":0}}],
      "pair":[{"Sequence":{"id":"A","type_id":0}},{"Sequence":{"id":"B","type_id":0}}],
      "special_tokens":{"<bos>":{"id":"<bos>","ids":[1],"tokens":["<bos>"]}}},
      "decoder":{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},
      "model":{"type":"BPE","vocab":{\(vocabulary)},"merges":[]}}
      """
  }()

  static let tokenizerConfigJSON =
    #"{"bos_token":"<bos>","eos_token":"<eos>","pad_token":"<pad>"}"#

  static let prompts = [
    "8,3:9,2", "1,2:9,2", "0,5:7,2", "4,4:5,2", "2,7:9,2", "3,1:8,2", "6,2:9,3",
  ]

  static let problems = prompts.enumerated().map { index, prompt in
    Problem(
      id: "\(index)", prompt: prompt,
      answer: ["7,2", "3,4", "3,1", "4,4", "3,8", "7,5", "7,3,8"][index])
  }

  /// A Hugging Face folder of a random model of 2 layers.
  static func writeModel(to folder: URL, seed: UInt64 = 5) throws {
    let configuration = try ModelConfiguration(
      family: .llama, vocabularySize: tokens.count, hiddenSize: 16, intermediateSize: 32,
      layerCount: 2, headCount: 4, keyValueHeadCount: 2, tiesEmbeddings: true,
      maximumPositions: 128, initializerRange: 0.2, bosTokenID: 1, eosTokenIDs: [2], padTokenID: 0)
    try CausalLanguageModel(configuration: configuration, seed: seed).save(to: folder)
    try Data(tokenizerJSON.utf8).write(to: folder.appending(path: "tokenizer.json"))
    try Data(tokenizerConfigJSON.utf8).write(to: folder.appending(path: "tokenizer_config.json"))
  }

  /// The problems as a data file.
  static func writeData(to file: URL) throws {
    let lines = prompts.map { "{\"prompt\":\"\($0)\"}\n" }
    try Data(lines.joined().utf8).write(to: file)
  }

  static func model(seed: UInt64 = 5) throws -> LoadedModel {
    try withTemporaryFolder { folder in
      try writeModel(to: folder, seed: seed)
      return try LoadedModel(folder: folder)
    }
  }

  /// Small settings that `lines` of the form `section.key=value` change.
  static func configuration(_ lines: [String] = []) throws -> RunConfiguration {
    var document = SettingDocument()
    let small = [
      "run.device=cpu", "task.name=digits", "rollouts.max-completion=5", "training.steps=4",
      "training.prompts-per-step=4", "training.group-size=8", "training.learning-rate=0.01",
      "evaluation.samples=2", "evaluation.problems=4",
    ]
    for line in small + lines { try document.append(override: line) }
    return try RunConfiguration(document)
  }

  /// The settings of a run in `folder`, with its model and data written there.
  static func run(in folder: URL, _ lines: [String] = []) throws -> RunConfiguration {
    let model = folder.appending(path: "base")
    let data = folder.appending(path: "digits.jsonl")
    if !FileManager.default.fileExists(atPath: model.path) {
      try writeModel(to: model)
      try writeData(to: data)
    }
    return try configuration(
      [
        "run.output=\(folder.appending(path: "run").path)", "model.path=\(model.path)",
        "task.data=\(data.path)", "evaluation.data=\(data.path)",
      ] + lines)
  }
}

extension CausalLanguageModel {
  /// All weights, one after another.
  var weights: [Float] { withoutGradients { parameters.flatMap { $0.tensor.floats } } }
}

func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
  guard left.count == right.count else { return .infinity }
  return zip(left, right).map { abs($0 - $1) }.max() ?? 0
}

func contents(_ url: URL) throws -> Data { try Data(contentsOf: url) }

/// The digit task with rewards of 0 and 1 that a random network earns both of: the first character
/// decides.
struct FirstDigitTask: ReasoningTask {
  private var digits = DigitsTask()

  var name: String { "first-digit" }
  var summary: String { digits.summary }
  var citation: String { digits.citation }
  var template: PromptTemplate {
    get { digits.template }
    set { digits.template = newValue }
  }

  func problem(from record: JSONRecord, columns: DataColumns) throws(DataError) -> Problem {
    try digits.problem(from: record, columns: columns)
  }

  func goldIsParseable(_ problem: Problem) -> Bool { digits.goldIsParseable(problem) }

  func extractAnswer(_ completion: String) -> String? { completion.first.map(String.init) }

  func verify(completion: String, problem: Problem) -> Verdict {
    Verdict(
      correct: completion.first == problem.answer.first, extracted: extractAnswer(completion),
      gold: problem.answer, reason: "the first character decides")
  }
}
