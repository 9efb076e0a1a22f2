import Foundation
import Testing

@testable import Torch

/// Memory goes back when the last Swift reference goes. In a process of its own whose address space
/// is limited, so that a leak ends in an error and not in a slow machine: 1,000 rounds would need
/// 100 GB.
@Suite struct MemoryTests {
  #if os(Linux)
    @Test func tensorsAndHistoriesAreReleased() async {
      await #expect(processExitsWith: .success) {
        _ = Tensor.zeros([1])  // libtorch's own needs come first
        let statistics = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = rlim_t(statistics.split(separator: " ")[0]) ?? 0
        let room: rlim_t = 3 << 30
        let most = pages * rlim_t(sysconf(Int32(_SC_PAGESIZE))) + room
        var limit = rlimit(rlim_cur: most, rlim_max: rlim_t.max)
        guard setrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { exit(2) }
        let hundredMegabytes = 25_000_000
        for _ in 0..<1_000 { _ = Tensor.uninitialized([hundredMegabytes]) }
        let weight = Tensor.ones([1000])
        weight.requiresGradient = true
        for _ in 0..<100 {
          // Five results of 8 MB in every history.
          let x = weight.expanded([2_000, 1000])
          let y = Tensor.siluMultiplied(gate: x.rmsNorm(weight, epsilon: 1e-6), up: x * 2)
          y.exp().sum().backward()
          weight.clearGradient()
        }
      }
    }

    @Test func mappedFilesAreReleased() async {
      await #expect(processExitsWith: .success) {
        try withTemporaryFolder { folder in
          let url = folder.appendingPathComponent("x.safetensors")
          try SafetensorsFile.write([("x", .zeros([1000]))], to: url)
          for _ in 0..<100 {
            let tensor = try SafetensorsFile(url).tensor("x")
            guard tensor.sum().item == 0 else { exit(2) }
          }
          let maps = try String(contentsOfFile: "/proc/self/maps", encoding: .utf8)
          guard !maps.contains("x.safetensors") else { exit(3) }
        }
      }
    }
  #endif
}
