import Testing

@testable import Rollouts
