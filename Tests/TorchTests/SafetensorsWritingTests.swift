import Foundation
import Testing

@testable import Torch

@Suite struct SafetensorsWritingTests {
  @Test(arguments: DType.allCases) func keepsEveryType(_ dtype: DType) throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      let values = dtype == .bool ? [0.0, 1, 1, 0, 1, 0] : [0.0, 1, 2, 5, 100, 3]
      let tensor = Tensor(values, shape: [3, 2]).to(dtype)
      try SafetensorsFile.write([("x", tensor)], to: url)
      let read = try SafetensorsFile(url).tensor("x")
      #expect(read.dtype == dtype)
      expect(read, [3, 2], values)
    }
  }

  @Test func writesTheSameBytesInAnyOrder() throws {
    try withTemporaryFolder { folder in
      let tensors: [(name: String, tensor: Tensor)] = [
        ("b", Tensor([1.5, -2] as [Float])), ("a", Tensor([1.5, 2] as [Float]).to(.float16)),
        ("c", Tensor(scalar: 3)), ("A", Tensor([0.5, 1] as [Float])),
      ]
      let metadata = ["format": "pt", "a": "x"]
      let urls = (0..<2).map { folder.appendingPathComponent("\($0).safetensors") }
      try SafetensorsFile.write(tensors, metadata: metadata, to: urls[0])
      try SafetensorsFile.write(tensors.reversed(), metadata: metadata, to: urls[1])
      let bytes = try Data(contentsOf: urls[0])
      #expect(try Data(contentsOf: urls[1]) == bytes)
      let header =
        #"{"__metadata__":{"a":"x","format":"pt"},"c":{"dtype":"I64","shape":[],"data_offsets":[0,8]},"#
        + #""A":{"dtype":"F32","shape":[2],"data_offsets":[8,16]},"#
        + #""b":{"dtype":"F32","shape":[2],"data_offsets":[16,24]},"#
        + #""a":{"dtype":"F16","shape":[2],"data_offsets":[24,28]}}"#
      let length = Int(bytes[0]) | Int(bytes[1]) << 8
      let text = String(decoding: bytes[8..<(8 + length)], as: UTF8.self)
      #expect(text.trimmingCharacters(in: .whitespaces) == header)
      #expect(length % 8 == 0 && length - header.utf8.count < 8)
      #expect(
        [UInt8](bytes[(8 + length)...]) == [
          3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3F, 0, 0, 0x80, 0x3F, 0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0,
          0, 0x3E, 0, 0x40,
        ])
    }
  }

  @Test func writesViewsInTheirOwnOrder() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      let matrix = Tensor([1.0, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
      matrix.requiresGradient = true
      try SafetensorsFile.write(
        [("columns", matrix.transposed()), ("row", matrix.narrow(0, from: 1, count: 1))], to: url)
      let file = try SafetensorsFile(url)
      expect(try file.tensor("columns"), [3, 2], [1, 4, 2, 5, 3, 6])
      expect(try file.tensor("row"), [1, 3], [4, 5, 6])
    }
  }

  @Test func keepsNamesAndTextAsTheyAre() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      let odd = "a\"b\\c\n\r\t\u{08}\u{0C}\u{01}é😀/"
      try SafetensorsFile.write([(odd, Tensor(scalar: 1))], metadata: [odd: odd], to: url)
      let file = try SafetensorsFile(url)
      #expect(file.names == [odd])
      #expect(file.metadata == [odd: odd])
    }
  }

  @Test func writesAFileWithoutTensors() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try SafetensorsFile.write([], to: url)
      #expect(try SafetensorsFile(url).names == [])
    }
  }

  @Test func refusesNamesThatCannotBe() throws {
    try withTemporaryFolder { folder throws in
      let url = folder.appendingPathComponent("x.safetensors")
      let one = Tensor(scalar: 1)
      let twice = #expect(throws: SafetensorsError.self) {
        try SafetensorsFile.write([("a", one), ("a", one)], to: url)
      }
      #expect(twice?.description == "\(url.path): two tensors are called \"a\"")
      let reserved = #expect(throws: SafetensorsError.self) {
        try SafetensorsFile.write([("__metadata__", one)], to: url)
      }
      #expect(reserved?.kind == .invalidContent)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
    }
  }

  @Test func saysWhyItCannotWrite() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("missing/x.safetensors")
      let error = #expect(throws: SafetensorsError.self) {
        try SafetensorsFile.write([("a", Tensor(scalar: 1))], to: url)
      }
      #expect(error?.kind == .unwritable)
      #expect(
        error?.description
          == "\(url.path): could not make a file in \(folder.path)/missing: No such file or directory"
      )
      // A folder in the way is found only by the rename; the temporary file must go.
      let occupied = folder.appendingPathComponent("occupied")
      try FileManager.default.createDirectory(at: occupied, withIntermediateDirectories: true)
      let rename = #expect(throws: SafetensorsError.self) {
        try SafetensorsFile.write([("a", Tensor(scalar: 1))], to: occupied)
      }
      #expect(rename?.kind == .unwritable)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["occupied"])
    }
  }

  /// The system refuses to write on, as on a full disk: the old file stays as it was and no partial
  /// one is left. In a process of its own, because the limit holds for a whole process.
  @Test func leavesTheOldFileWhenTheDiskIsFull() async {
    await #expect(processExitsWith: .success) {
      try withTemporaryFolder { folder in
        let url = folder.appendingPathComponent("x.safetensors")
        try SafetensorsFile.write([("x", Tensor([1.0, 2] as [Float]))], to: url)
        signal(SIGXFSZ, SIG_IGN)
        var limit = rlimit(rlim_cur: 4096, rlim_max: rlim_t.max)
        #if os(Linux)
          setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
        #else
          setrlimit(RLIMIT_FSIZE, &limit)
        #endif
        do {
          try SafetensorsFile.write([("x", .zeros([100_000]))], to: url)
          exit(2)
        } catch let error as SafetensorsError {
          guard error.kind == .unwritable, error.problem.contains("the tensor \"x\"") else {
            exit(3)
          }
        }
        guard
          try FileManager.default.contentsOfDirectory(atPath: folder.path) == [
            url.lastPathComponent
          ]
        else { exit(4) }
        guard try SafetensorsFile(url).tensor("x").floats == [1, 2] else { exit(5) }
      }
    }
  }
}
