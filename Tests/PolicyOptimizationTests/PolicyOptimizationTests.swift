import Testing

@testable import PolicyOptimization
