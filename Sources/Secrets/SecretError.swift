public import IngotModel

/// Why there is no value. Nothing that a source answered is part of it: an answer may hold the value.
public struct SecretError: ExplainedError, Hashable, Codable {
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// The source can't be reached, or says that it is broken.
        case down
        case slow
        case sealed
        case overloaded
        case denied
        case missing
        case fieldMissing = "field-missing"
        case empty
        case tooLarge = "too-large"
        case malformed
        /// The daemon knows no such source, or its settings are wrong.
        case notSetUp = "not-set-up"
        /// The source is not open to this environment.
        case notAllowed = "not-allowed"
        /// A value that was encrypted for another environment, name or daemon.
        case notOpened = "not-opened"
    }

    public var kind: Kind
    public var message: String
    public var remedy: String?

    public init(_ kind: Kind, _ message: String, remedy: String? = nil) {
        self.kind = kind
        self.message = message
        self.remedy = remedy
    }

    public var code: String { "secrets.\(kind.rawValue)" }
    public var fault: Fault { isOfSource ? .world : .user }
    public var cause: (any Error)? { nil }

    /// Whether nothing else can be had of the source either, so that asking it again at once helps nobody.
    public var isOfSource: Bool { [.down, .slow, .sealed, .overloaded].contains(kind) }
}

extension SecretError {
    static func empty(_ what: String) -> SecretError {
        SecretError(.empty, "\(what) is empty", remedy: "put a value there; an empty one is never given to an instance")
    }

    static func tooLarge(_ what: String) -> SecretError {
        SecretError(.tooLarge, "\(what) is larger than \(ByteSize(SecretValue.largest))", remedy: "give a smaller value")
    }
}
