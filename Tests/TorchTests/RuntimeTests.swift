import Foundation
import Testing

@testable import Torch

@Suite(.serialized) struct RuntimeTests {
  @Test func namesOfDevices() {
    #expect(Device(name: "cpu") == .cpu)
    #expect(Device(name: "cuda") == .cuda(0))
    #expect(Device(name: "cuda:3") == .cuda(3))
    #expect(Device(name: "mps") == .mps)
    for name in ["", "gpu", "cuda:", "cuda:-1", "cuda:+1", "cuda:x", "CPU"] {
      #expect(Device(name: name) == nil, "\(name)")
    }
    #expect("\(Device.cpu) \(Device.cuda(2)) \(Device.mps)" == "cpu cuda:2 mps")
    #expect(Device.cpu.isAvailable)
    #expect(!Device.cuda(1_000).isAvailable)
  }

  @Test func saysWhatItIs() {
    #expect(Runtime.version.split(separator: ".").count == 3)
    #expect(!Runtime.cudaLoadMessage.isEmpty)
    Runtime.synchronize(.cpu)
  }

  @Test func threads() {
    let before = Runtime.threadCount
    defer { Runtime.threadCount = before }
    Runtime.threadCount = 3
    #expect(Runtime.threadCount == 3)
  }

  /// A device that is not there is the user's choice, so it throws, in libtorch's words.
  @Test func anAbsentDeviceThrows() {
    let absent = Device.cuda(Runtime.cudaDeviceCount)
    let moving = #expect(throws: TorchError.self) { try Tensor([1.0]).to(absent) }
    #expect(moving?.description.hasPrefix("moving a tensor to \(absent): ") == true)
    #expect((moving?.description.count ?? 0) > "moving a tensor to \(absent): ".count)
    let negative = Device.cuda(-1)
    #expect(Device.cuda(Runtime.cudaDeviceCount).whyUnavailable?.isEmpty == false)
    #expect(!negative.isAvailable)
    let random = #expect(throws: TorchError.self) { try RandomGenerator(seed: 1, device: absent) }
    #expect(random?.description.hasPrefix("making a random generator on \(absent): ") == true)
  }

  /// A programming error traps with the operation and libtorch's message.
  @Test func aMisfitTrapsWithTheMessage() async throws {
    func words(_ result: ExitTest.Result?) -> String {
      String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
    }
    let sum = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor([1.0, 2]) + Tensor([1.0, 2, 3])
    }
    #expect(words(sum).contains("+(_:_:): The size of tensor a (2) must match"))
    let product = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor.ones([2, 3]).matmul(.ones([2, 3]))
    }
    #expect(words(product).contains("matmul(_:): mat1 and mat2 shapes cannot be multiplied"))
    let target = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor.tokenLogProbabilities(
        hidden: .ones([2, 3]), weight: .ones([5, 3]), targets: Tensor([0, 5]), temperature: 1,
        chunkRows: 2)
    }
    #expect(words(target).contains("target 1 is 5, expected 0 ..< 5"))
    let elements = await #expect(
      processExitsWith: .failure, observing: [\.standardErrorContent]
    ) {
      _ = Tensor([1, 2, 3], shape: [2, 2])
    }
    #expect(words(elements).contains("3 elements do not fill the shape [2, 2]"))
  }
}
