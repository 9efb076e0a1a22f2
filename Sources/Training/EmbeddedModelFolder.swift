import EmbeddedModel
import Foundation

/// The embedded base model as a Hugging Face model folder.
public enum EmbeddedModelFolder {
  /// Where `unpacked` puts the model.
  static var place: URL {
    FileManager.default.temporaryDirectory
      .appending(path: "laconic-base-\(getuid())-\(fingerprint)")
  }

  /// The model's files, in the system's folder for temporary files; written when they are not there.
  ///
  /// - Throws: `FileError` when they cannot be written.
  public static func unpacked() throws -> URL {
    let folder = place
    let files = (0..<embedded_file_count()).map(embedded_file)
    if files.allSatisfy({ size(of: folder.appending(path: String(cString: $0.name))) == $0.count })
    {
      return folder
    }
    try AtomicFile.makeFolder(at: folder, temporarySuffix: "\(getpid())") { folder in
      for file in files {
        try AtomicFile.write(
          Data(bytes: file.bytes, count: file.count),
          to: folder.appending(path: String(cString: file.name)))
      }
    }
    return folder
  }

  private static func size(of url: URL) -> Int? {
    (try? FileManager.default.attributesOfItem(atPath: url.path))?[.size] as? Int
  }

  /// FNV-1a (Fowler, Noll and Vo) over all files: another model gets another folder.
  private static let fingerprint: String = {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<embedded_file_count() {
      let file = embedded_file(index)
      for byte in UnsafeBufferPointer(start: file.bytes, count: file.count) {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3
      }
    }
    return String(hash, radix: 16)
  }()
}
