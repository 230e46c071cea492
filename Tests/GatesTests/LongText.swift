public import Testing

/// Hostile texts are arguments of tests, and a megabyte of brackets is no name for one. It holds for the tests of all modules.
extension String: @retroactive CustomTestStringConvertible {
    public var testDescription: String { utf8.count > 200 ? "\(prefix(60).debugDescription)… of \(utf8.count) bytes" : debugDescription }
}
