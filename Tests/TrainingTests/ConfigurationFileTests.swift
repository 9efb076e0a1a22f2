import Foundation
import Settings
import Testing

@testable import Training

/// The configuration files that come with the project.
@Suite struct ConfigurationFileTests {
  private static var files: [URL] {
    let folder = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Configurations")
    return
      ((try? FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil))
      ?? []).filter { $0.pathExtension == "yaml" }
      .sorted { $0.lastPathComponent < $1.lastPathComponent }
  }

  @Test func everySettingOfEveryFileResolves() throws {
    #expect(Self.files.count >= 9)
    for file in Self.files {
      let (contenders, document) = try Contender.take(from: SettingDocument(yaml: file))
      if contenders.isEmpty {
        _ = try RunConfiguration(document)
      } else {
        // Resolves the settings of all contenders.
        _ = try Comparison(document, contenders: contenders, seeds: [0])
      }
    }
  }
}
