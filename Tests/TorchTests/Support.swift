import Foundation
import Testing

@testable import Torch

/// Calls `body` with a new empty folder and removes it afterwards.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
  let folder = FileManager.default.temporaryDirectory
    .appendingPathComponent("TorchTests-\(UUID().uuidString)")
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  return try body(folder)
}

/// The folder of real data that some tests use: `LACONIC_DATA`, or `../shared/data` from the
/// project's root.
let dataFolder: URL = {
  if let path = ProcessInfo.processInfo.environment["LACONIC_DATA"] {
    return URL(fileURLWithPath: path)
  }
  return URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("../shared/data")
}()

/// The greatest |actual - expected| / max(1, |expected|); infinite for another count or a NaN that
/// is not expected.
func deviation(_ actual: [Double], _ expected: [Double]) -> Double {
  guard actual.count == expected.count else { return .infinity }
  var worst = 0.0
  for (found, wanted) in zip(actual, expected) {
    if found == wanted || (found.isNaN && wanted.isNaN) { continue }
    let difference = abs(found - wanted) / max(1, abs(wanted))
    worst = difference.isNaN ? .infinity : max(worst, difference)
  }
  return worst
}

/// Expects a tensor's shape and elements.
func expect(
  _ tensor: Tensor, _ shape: [Int], _ elements: [Double], tolerance: Double = 0,
  _ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(tensor.shape == shape, comment, sourceLocation: sourceLocation)
  let found = tensor.doubles
  let worst = deviation(found, elements)
  #expect(
    worst <= tolerance, "\(comment.map { "\($0): " } ?? "")found \(found), expected \(elements)",
    sourceLocation: sourceLocation)
}
