import Foundation
import Testing

@testable import Torch

/// A file's bytes: the header's length, the header, then `data`.
private func fileBytes(_ header: String, data: [UInt8] = []) -> Data {
  let length = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) }
  return length + Data(header.utf8) + Data(data)
}

private func open(_ bytes: Data) throws -> SafetensorsFile {
  try withTemporaryFolder { folder in
    let url = folder.appendingPathComponent("model.safetensors")
    try bytes.write(to: url)
    return try SafetensorsFile(url)
  }
}

/// A file that the reference implementation wrote, and what it holds.
private struct ReferenceFile: Decodable {
  let bytes: String
  let metadata: [String: String]
  let tensors: [String: GoldenTensor]
}

@Suite struct SafetensorsFileTests {
  /// Reads what PyPI's safetensors wrote and writes the same bytes again.
  @Test func agreesWithTheReferenceByteForByte() throws {
    let reference: ReferenceFile = try golden("safetensors")
    let bytes = try #require(Data(base64Encoded: reference.bytes))
    let file = try open(bytes)
    #expect(file.metadata == reference.metadata)
    #expect(Set(file.names) == Set(reference.tensors.keys))
    for (name, wanted) in reference.tensors {
      let tensor = try file.tensor(name)
      #expect("\(tensor.dtype)" == wanted.dtype)
      expect(tensor, wanted.shape, wanted.values)
    }
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("again.safetensors")
      let tensors = try file.names.map { (name: $0, tensor: try file.tensor($0)) }
      try SafetensorsFile.write(tensors, metadata: file.metadata, to: url)
      #expect(try Data(contentsOf: url) == bytes)
    }
  }

  @Test func readsEveryTensorAndTheMetadata() throws {
    let header =
      #"{"__metadata__":{"format":"pt","n\u00e9":"\"\\\n\ud83d\ude00"},"#
      + #""b":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]},"#
      + #""a":{"dtype":"I64","shape":[],"data_offsets":[8,16]},"#
      + #""empty":{"dtype":"F16","shape":[3,0],"data_offsets":[16,16]}}"#
    let padded = header.padding(
      toLength: (header.utf8.count + 7) / 8 * 8, withPad: " ", startingAt: 0)
    let file = try open(
      fileBytes(
        padded, data: [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0, 0xFE] + [UInt8](repeating: 0xFF, count: 7)))
    #expect(file.names == ["a", "b", "empty"])
    #expect(file.metadata == ["format": "pt", "né": "\"\\\n😀"])
    #expect(file.shape(of: "b") == [2, 1])
    #expect(file.dtype(of: "b") == .float32)
    #expect(file.shape(of: "c") == nil)
    #expect(file.dtype(of: "c") == nil)
    expect(try file.tensor("b"), [2, 1], [1.5, -2])
    expect(try file.tensor("a"), [], [-2])
    expect(try file.tensor("empty"), [3, 0], [])
    #expect(try file.tensor("empty").dtype == .float16)
  }

  @Test func aTensorOutlivesTheFileAndItsName() throws {
    let tensor = try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try SafetensorsFile.write([("x", Tensor([1.0, 2, 3] as [Float]))], to: url)
      return try SafetensorsFile(url).tensor("x")
    }
    expect(tensor, [3], [1, 2, 3])
  }

  @Test func writingInPlaceLeavesTheFileAlone() throws {
    try withTemporaryFolder { folder in
      let url = folder.appendingPathComponent("x.safetensors")
      try SafetensorsFile.write([("x", Tensor([1.0, 2, 3] as [Float]))], to: url)
      let before = try Data(contentsOf: url)
      let file = try SafetensorsFile(url)
      let first = try file.tensor("x")
      let second = try file.tensor("x")
      first.fill(7)
      expect(second, [3], [7, 7, 7], "tensors of one name share memory")
      #expect(try Data(contentsOf: url) == before)
      expect(try SafetensorsFile(url).tensor("x"), [3], [1, 2, 3])
    }
  }

  @Test func copiesMisalignedElements() throws {
    let header = #"{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"# + " "
    #expect((8 + header.utf8.count) % 8 != 0)
    let file = try open(fileBytes(header, data: [0, 0, 0, 0, 0, 0, 0xF0, 0x3F]))
    expect(try file.tensor("x"), [1], [1])
  }

  @Test(arguments: [
    ("", SafetensorsError.Kind.malformedHeader, "byte 0: found the end, expected a JSON value"),
    ("[]", .malformedHeader, "must be a JSON object, found []"),
    ("{}x", .malformedHeader, "byte 2: found \"x\", expected the end"),
    (#"{"a":{}"#, .malformedHeader, #"byte 7: found the end, expected "," or "}""#),
    (#"{"a":{}}"#, .malformedHeader, #""a" has no dtype"#),
    (#"{"a":3}"#, .malformedHeader, #""a" is 3, expected an object"#),
    (#"{"a":{"dtype":"F31","shape":[],"data_offsets":[0,4]}}"#, .malformedHeader, "F32"),
    (#"{"a":{"dtype":"F32","data_offsets":[0,4]}}"#, .malformedHeader, "no shape"),
    (#"{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}"#, .malformedHeader, "has -1 in"),
    (#"{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}"#, .malformedHeader, "1.5"),
    (#"{"a":{"dtype":"F32","shape":[01],"data_offsets":[0,4]}}"#, .malformedHeader, "byte 30"),
    (#"{"a":{"dtype":"F32","shape":3,"data_offsets":[0,4]}}"#, .malformedHeader, "shape 3"),
    (#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}"#, .malformedHeader, "has 1 data_off"),
    (
      #"{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}"#, .inconsistentTensor,
      "begin <= end"
    ),
    (#"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}"#, .inconsistentTensor, "expected 8"),
    (
      #"{"a":{"dtype":"F32","shape":[9223372036854775807,4],"data_offsets":[0,4]}}"#,
      .inconsistentTensor, "more than 64 bits"
    ),
    (
      #"{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#, .inconsistentLayout,
      "8 bytes of data, the file has 4"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}"#, .inconsistentLayout,
      "3 bytes of data, the file has 4"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[1,4]}}"#, .inconsistentLayout,
      "leaves a hole"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[2],"data_offsets":[2,4]}}"#,
      .inconsistentLayout, "overlaps"
    ),
    (
      #"{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]},"a":{"dtype":"U8","shape":[0],"data_offsets":[4,4]}}"#,
      .malformedHeader, #"byte 53: found "a" again"#
    ),
    (#"{"__metadata__":{"a":1}}"#, .malformedHeader, "__metadata__.a must be a string, found 1"),
    (#"{"__metadata__":[]}"#, .malformedHeader, "__metadata__ must be an object, found []"),
    (#"{"a\ud800":{}}"#, .malformedHeader, "pair"),
    (#"{"a\q":{}}"#, .malformedHeader, "after a backslash"),
    ("{\"a\n\":{}}", .malformedHeader, "control characters"),
  ]) func refusesTheHeader(_ header: String, _ kind: SafetensorsError.Kind, _ words: String) throws
  {
    let error = #expect(throws: SafetensorsError.self) {
      try open(fileBytes(header, data: [0, 0, 0, 0]))
    }
    #expect(error?.kind == kind)
    let text = error?.description ?? ""
    #expect(text.contains(words), "\(text)")
    #expect(text.contains("model.safetensors: "), "the message names the file: \(text)")
  }

  @Test func refusesDeepNesting() throws {
    let error = #expect(throws: SafetensorsError.self) {
      try open(fileBytes(String(repeating: "[", count: 100_000)))
    }
    #expect(error?.description.contains("at most 256 nested") == true)
  }

  @Test func refusesWhatIsNotAFileOfTheFormat() throws {
    func kind(_ bytes: [UInt8]) -> SafetensorsError.Kind? {
      #expect(throws: SafetensorsError.self) { try open(Data(bytes)) }?.kind
    }
    #expect(kind([]) == .truncated)
    #expect(kind([2, 0, 0, 0, 0, 0, 0]) == .truncated)
    #expect(kind([2, 0, 0, 0, 0, 0, 0, 0]) == .truncated)
    #expect(kind([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7B, 0x7D]) == .truncated)
    #expect(kind([2, 0, 0, 0, 0, 0, 0, 0, 0xC3, 0x28]) == .malformedHeader, "not UTF-8")
    try withTemporaryFolder { folder in
      let missing = folder.appendingPathComponent("missing.safetensors")
      let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(missing) }
      #expect(error?.description == "\(missing.path): No such file or directory")
      let directory = #expect(throws: SafetensorsError.self) { try SafetensorsFile(folder) }
      #expect(directory?.kind == .unreadable)
    }
  }

  @Test func refusesATensorThatItCannotMake() throws {
    let file = try open(
      fileBytes(
        #"{"mlp.up":{"dtype":"U16","shape":[1],"data_offsets":[0,2]},"#
          + #""mask":{"dtype":"BOOL","shape":[2],"data_offsets":[2,4]}}"#, data: [1, 0, 1, 2]))
    let type = #expect(throws: SafetensorsError.self) { try file.tensor("mlp.up") }
    #expect(type?.kind == .unsupportedType)
    #expect(file.dtype(of: "mlp.up") == nil)
    let truth = #expect(throws: SafetensorsError.self) { try file.tensor("mask") }
    #expect(truth?.description.contains("element 1 of the tensor \"mask\" is the byte 2") == true)
    let missing = #expect(throws: SafetensorsError.self) { try file.tensor("mlp_up") }
    #expect(missing?.description.hasSuffix("the nearest name is \"mlp.up\"") == true)
  }
}
