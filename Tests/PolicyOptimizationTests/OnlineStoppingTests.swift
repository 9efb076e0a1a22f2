import Testing

@testable import PolicyOptimization

@Suite struct OnlineStoppingTests {
  private var stopping: OnlineStopping {
    var stopping = OnlineStopping()
    stopping.patience = 3
    stopping.minimumSteps = 5
    return stopping
  }

  @Test func patienceAndTheFewestStepsBothCount() {
    #expect(stopping.stopStep([0.1, 0.1, 0.1]) == nil, "step 4 is too early")
    #expect(stopping.stopStep([0.1, 0.1, 0.1, 0.1]) == 5)
    #expect(stopping.stopStep([0.1, 0.9, 0.1, 0.1]) == nil, "two in a row are not three")
    #expect(stopping.stopStep([0.1, 0.9, 0.1, 0.1, 0.4]) == 6)
  }

  @Test func theThresholdItselfIsProgress() {
    #expect(stopping.stopStep([0.5, 0.5, 0.5, 0.5, 0.5]) == nil)
  }

  @Test func nothingIsStoppedBeforeTheFirstComparison() {
    var eager = OnlineStopping()
    eager.patience = 1
    eager.minimumSteps = 1
    #expect(!eager.shouldStop(after: []))
    #expect(eager.stopStep([0.2]) == 2)
  }
}
