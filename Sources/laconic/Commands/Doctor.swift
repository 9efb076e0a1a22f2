import ArgumentParser
import Foundation
import Torch
import Training

struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Machine, libtorch, devices, memory, versions.")

  @Flag(help: "Print as JSON.")
  var json = false

  private struct Report: Encodable {
    let laconic: String
    let libtorch: String
    let system: String
    let cores: Int
    let threads: Int
    let memoryMiB: Int
    let freeDiskMiB: Int?
    let cuda: String
    let cudaDevices: Int
    let mps: Bool
    let engineCheck: String
  }

  func run() throws {
    let info = ProcessInfo.processInfo
    let disk =
      try FileManager.default.attributesOfFileSystem(
        forPath: FileManager.default.currentDirectoryPath)[.systemFreeSize] as? Int
    let report = Report(
      laconic: laconicVersion, libtorch: Runtime.version, system: info.operatingSystemVersionString,
      cores: info.processorCount, threads: Runtime.threadCount,
      memoryMiB: Int(info.physicalMemory >> 20), freeDiskMiB: disk.map { $0 >> 20 },
      cuda: Runtime.cudaLoadMessage, cudaDevices: Runtime.cudaDeviceCount,
      mps: Runtime.isMPSAvailable, engineCheck: Self.engineCheck())
    if json { return try printJSON(report) }
    print(
      """
      laconic    \(report.laconic)
      libtorch   \(report.libtorch), \(report.threads) threads; \(report.engineCheck)
      system     \(report.system), \(report.cores) cores, \(report.memoryMiB) MiB memory, \
      \(report.freeDiskMiB.map { "\($0) MiB" } ?? "unknown") free disk
      CUDA       \(report.cudaDevices) devices (libtorch_cuda: \(report.cuda))
      MPS        \(report.mps ? "available" : "not available")
      """)
  }

  /// A small sum with its gradient: whether the engine computes at all.
  private static func engineCheck() -> String {
    let x = Tensor([1.0, 2.0, 3.0] as [Float])
    x.requiresGradient = true
    (x * x).sum().backward()
    return x.gradient?.floats == [2, 4, 6] ? "gradients are right" : "gradients are WRONG"
  }
}

let laconicVersion = "0.1.0"
