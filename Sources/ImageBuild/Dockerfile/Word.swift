public import IngotModel

/// A word as it stands in a Dockerfile, its quotes, escapes and variables not yet resolved.
public struct Word: Hashable, Sendable, CustomStringConvertible {
    public var raw: String
    public var location: SourceLocation

    public init(_ raw: String, at location: SourceLocation) {
        self.raw = raw
        self.location = location
    }

    public var description: String { raw }
}
