import ArgumentParser
import Foundation
import Settings
import Training

/// The options every command with a configuration has. Files first, then options, then overrides.
struct ConfigurationOptions: ParsableArguments {
  @Option(help: "YAML configuration file.")
  var config: String?

  @Option(help: "Hugging Face model folder (model.path); the embedded model when absent.")
  var model: String?

  @Option(
    help: "Folder of a LoRA adapter on the model (adapter.path); --model takes one too.")
  var adapter: String?

  @Option(help: "Task (task.name); see `laconic tasks`.")
  var task: String?

  @Option(help: "Problems as JSON lines (task.data).")
  var data: String?

  @Option(help: "Folder for results (run.output).")
  var output: String?

  @Option(help: "Seed of everything random (run.seed).")
  var seed: Int?

  @Argument(help: "Settings as section.key=value, for example training.learning-rate=1e-6.")
  var overrides: [String] = []

  /// The document of everything that was written.
  func document(_ more: [(path: String, value: String?)] = []) throws -> SettingDocument {
    var document =
      try config.map { try SettingDocument(yaml: URL(filePath: $0)) } ?? SettingDocument()
    let options: [(path: String, value: String?)] = [
      ("model.path", model), ("adapter.path", adapter), ("task.name", task), ("task.data", data),
      ("run.output", output),
      ("run.seed", seed.map(String.init)),
    ]
    for (path, value) in options + more {
      if let value { try document.append(override: "\(path)=\(value)") }
    }
    for override in overrides { try document.append(override: override) }
    return document
  }

  func workspace(_ more: [(path: String, value: String?)] = []) throws -> Workspace {
    try Workspace(RunConfiguration(try document(more)))
  }
}
