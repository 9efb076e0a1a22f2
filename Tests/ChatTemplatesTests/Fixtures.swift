import Foundation
import Testing

@testable import ChatTemplates

/// The files that `Scripts/golden/chat_templates.py` makes.
enum Golden {
  static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Golden")
  /// The clock of that script.
  static let clock = LocalTime(
    year: 2024, month: 7, day: 6, hour: 14, minute: 3, second: 9, microsecond: 123)
  static let tokens: [TemplateValue.Member] = [
    .init("bos_token", .string("<s>")), .init("eos_token", .string("</s>")),
  ]

  static func json(_ name: String) throws -> TemplateValue {
    let file = folder.appending(path: name)
    return try TemplateValue(parsing: Array(Data(contentsOf: file)), name: file.path)
  }

  /// What Python made of a case.
  enum Outcome: Equatable {
    case text(String)
    case error(name: String, message: String)

    init(_ json: TemplateValue) throws {
      if let text = json["text"] {
        self = .text(try text.string)
      } else {
        self = .error(
          name: try #require(json["error"]).string, message: try #require(json["message"]).string)
      }
    }
  }
}

extension TemplateValue {
  var string: String {
    get throws {
      guard case .string(let text) = self else { throw Mismatch(expected: "a string", self) }
      return text
    }
  }

  var elements: [TemplateValue] {
    get throws {
      guard case .array(let values) = self else { throw Mismatch(expected: "an array", self) }
      return values
    }
  }

  var members: [Member] {
    get throws {
      guard case .object(let members) = self else { throw Mismatch(expected: "an object", self) }
      return members
    }
  }

  struct Mismatch: Error {
    let found: String

    init(expected: String, _ value: TemplateValue) {
      found = "\(value.kind) in place of \(expected)"
    }
  }
}

/// Published templates and oracles, which are not part of the project.
enum RealData {
  /// `LACONIC_DATA`, or `../shared/data` from the project's root.
  static let folder: URL? = {
    let environment = ProcessInfo.processInfo.environment["LACONIC_DATA"]
    let root = URL(filePath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let folder =
      environment.map { URL(filePath: $0) } ?? root.appending(path: "../shared/data")
    return FileManager.default.fileExists(atPath: folder.path) ? folder : nil
  }()
}
