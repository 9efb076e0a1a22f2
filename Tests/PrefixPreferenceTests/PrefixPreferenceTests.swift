import Testing

@testable import PrefixPreference
