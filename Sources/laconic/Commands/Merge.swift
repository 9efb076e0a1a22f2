import ArgumentParser
import Foundation
import Models
import Settings
import Training

struct Merge: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "A model with its LoRA adapter as one model folder.",
    discussion: """
      Without --model, the base is the folder that the adapter names. The weights are added up in single \
      precision and rounded once, to --precision.

      Example: laconic merge --model BASE --adapter runs/lora/model --to merged
      """)

  @Option(help: "Hugging Face folder of the base model.")
  var model: String?

  @Option(help: "Folder of the adapter, in PEFT's layout.")
  var adapter: String

  @Option(help: "Folder to write; it must not exist.")
  var to: String

  @Option(help: "Type of the written weights.")
  var precision = ModelSettings.Precision.float32

  func run() throws {
    let destination = URL(filePath: to)
    guard !FileManager.default.fileExists(atPath: destination.path) else {
      throw FileError("\(destination.path): there is something already; name another folder")
    }
    // Says what is missing where the folder is not an adapter's.
    let folder = try LoRAFolder(URL(filePath: adapter))
    var document = SettingDocument()
    try document.append(override: "run.device=cpu")
    if let model { try document.append(override: "model.path=\(model)") }
    try document.append(
      override: "\(model == nil ? "model" : "adapter").path=\(folder.url.path)")
    let loaded = try Workspace(RunConfiguration(document)).model()
    guard loaded.model.adapter != nil else {
      throw FileError(
        "\(folder.url.path): there is a model beside the adapter; name the adapter's base with --model"
      )
    }
    try loaded.model.mergeAdapter()
    try AtomicFile.makeFolder(at: destination) {
      try loaded.save(to: $0, dtype: precision.dtype)
    }
    Console.note("the merged model is in \(destination.path)")
  }
}

extension ModelSettings.Precision: ExpressibleByArgument {}
