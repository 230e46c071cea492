import FoundationEssentials

extension RuntimeSpecification {
    /// The `config.json`: the same bytes for the same specification.
    public func json() throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return Array(try encoder.encode(self))
    }
}
