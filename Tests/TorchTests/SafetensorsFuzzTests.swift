import Foundation
import Testing
import struct Tasks.SplitMix64

@testable import Torch

/// Damaged files, bounded and seeded: whatever the bytes are, the file is opened with tensors that lie in it,
/// or there is a `SafetensorsError`.
@Suite struct SafetensorsFuzzTests {
  private static let rounds =
    ProcessInfo.processInfo.environment["LACONIC_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 1
  private static let pieces = [
    "\"", ",", ":", "{", "}", "[", "]", "null", "-1", "0", "1e9", "18446744073709551616",
    "9223372036854775807", "4294967296", "\"F32\"", "\"BOOL\"", "\"F8_E4M3\"", "\"shape\":[2]",
    "\"data_offsets\":[0,8]", "\\ud800", "\\u0000", "\u{E9}", "\0", "\u{FF}",
  ]
  private static let header =
    #"{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
    + #""b":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"#
    + #""c":{"dtype":"BOOL","shape":[4],"data_offsets":[16,20]},"#
    + #""d":{"dtype":"BF16","shape":[0,3],"data_offsets":[20,20]}}"#

  private static func bytes(header: [UInt8], length: UInt64? = nil) -> [UInt8] {
    let length = length ?? UInt64(header.count)
    return withUnsafeBytes(of: length.littleEndian) { Array($0) } + header
      + [UInt8](repeating: 1, count: 20)
  }

  /// The sizes of all tensors; nil where the file is refused.
  private func sizes(_ bytes: [UInt8], in folder: URL) throws -> [Int]? {
    let url = folder.appendingPathComponent("x.safetensors")
    try Data(bytes).write(to: url)
    do {
      let file = try SafetensorsFile(url)
      return try file.names.map { name in
        let tensor = try file.tensor(name)
        #expect(tensor.shape == file.shape(of: name))
        return tensor.count * tensor.dtype.byteCount
      }
    } catch is SafetensorsError {
      return nil
    }
  }

  @Test func damagedHeadersAreReadOrRefused() throws {
    var generator = SplitMix64(seed: 3)
    var opened = 0
    let count = 2_000 * Self.rounds
    try withTemporaryFolder { folder in
      let whole = try sizes(Self.bytes(header: Array(Self.header.utf8)), in: folder)
      #expect(whole == [8, 8, 4, 0])
      for _ in 0..<count {
        var header = Array(Self.header.utf8)
        for _ in 0..<Int.random(in: 0...3, using: &generator) {
          let place = Int.random(in: 0..<header.count, using: &generator)
          let piece = Array((Self.pieces.randomElement(using: &generator) ?? "").utf8)
          let end = min(header.count, place + Int.random(in: 0...12, using: &generator))
          switch Int.random(in: 0..<4, using: &generator) {
          case 0: header[place] = UInt8.random(in: .min ... .max, using: &generator)
          case 1: header.insert(contentsOf: piece, at: place)
          case 2: header.replaceSubrange(place..<end, with: piece)
          default: header.removeSubrange(place..<end)
          }
          if header.isEmpty { header = [0x7B] }
        }
        let lengths = [
          nil, nil, nil, 0, 7, UInt64.max, UInt64(Int64.max), UInt64(header.count + 20),
          UInt64(header.count + 21), 1 << 32,
        ]
        var bytes = Self.bytes(
          header: header, length: lengths.randomElement(using: &generator) ?? nil)
        if Int.random(in: 0..<8, using: &generator) == 0 {
          bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
        }
        guard let sizes = try sizes(bytes, in: folder) else { continue }
        opened += 1
        #expect(sizes.reduce(0, +) <= bytes.count)
      }
    }
    #expect(opened > 50 && opened < count)
  }

  /// Damaged files give an error of the documented type or tensors of the stated sizes; they never
  /// crash. Copies of one file with bytes replaced, taken out, put
  /// in, or the end cut off.
  @Test func survivesDamagedFiles() throws {
    var random = SplitMix64(seed: 20)
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("damaged.safetensors")
      try SafetensorsFile.write(
        [
          ("model.embed", Tensor([Float](repeating: 1, count: 6), shape: [2, 3])),
          ("ids", Tensor([1, 2, 3])), ("mask", Tensor([true, false])),
          ("none", Tensor.zeros([0, 4], dtype: .bfloat16)),
        ], metadata: ["format": "pt"], to: url)
      let sound = try Data(contentsOf: url)
      let interesting = Array(#"{}[]",:\0123456789-eFIU "#.utf8) + [0, 0x7F, 0x80, 0xC3, 0xFF]
      var refused = 0
      let copies = 4_000 * Self.rounds
      for _ in 0..<copies {
        var bytes = [UInt8](sound)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
          let position = Int.random(in: 0..<bytes.count, using: &random)
          let byte = interesting.randomElement(using: &random) ?? 0
          switch Int.random(in: 0..<5, using: &random) {
          case 0: bytes.remove(at: position)
          case 1: bytes.insert(byte, at: position)
          case 2: bytes.removeSubrange(Swift.max(1, position)...)
          default: bytes[position] = byte
          }
        }
        try Data(bytes).write(to: url)
        do {
          let file = try SafetensorsFile(url)
          for name in file.names {
            let tensor = try file.tensor(name)
            #expect(tensor.shape == file.shape(of: name))
            #expect(tensor.array(of: UInt8.self).count == tensor.count)
          }
        } catch is SafetensorsError {
          refused += 1
        }
      }
      #expect(refused > copies / 2, "most damage is noticed: \(refused) of \(copies)")
    }
  }

  @Test func deepHeadersAreRefused() throws {
    try withTemporaryFolder { folder in
      for piece in ["[", "{\"a\":", "{\"__metadata__\":"] {
        let header = String(repeating: piece, count: 200_000)
        let sizes = try sizes(Self.bytes(header: Array(header.utf8)), in: folder)
        #expect(sizes == nil)
      }
    }
  }
}
