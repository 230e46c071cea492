internal import FoundationEssentials
public import IngotModel

/// An in-toto statement: who signs it says something, the predicate, of each of its subjects.
///
/// Source: in-toto Attestation Framework, v1, "Statement".
public struct Statement: Hashable, Sendable {
    public static let type = "https://in-toto.io/Statement/v1"
    /// The same shape under an older name, which cosign 2 writes.
    static let olderType = "https://in-toto.io/Statement/v0.1"
    /// Of an envelope that carries one.
    public static let payloadType = "application/vnd.in-toto+json"

    public var subjects: [Subject]
    public var predicateType: String
    /// JSON, as it stands in the statement. A predicate of a type that nobody here knows is kept all the same.
    public var predicate: [UInt8]

    /// A statement about an image.
    public init(about subject: Subject, _ predicate: some StatementPredicate) throws(GateError) {
        try self.init(about: subject, predicateType: Swift.type(of: predicate).predicateType, predicate: Self.encoded(predicate))
    }

    /// - Parameter predicate: JSON.
    /// - Throws: `gates.attestation-malformed` when the predicate is no JSON object, or the type no URI.
    public init(
        about subject: Subject, predicateType: String, predicate: [UInt8], limits: AttestationLimits = .standard
    ) throws(GateError) {
        _ = try StrictJSON.members(of: predicate, "the predicate", limits: limits)
        try Self.check(predicateType)
        subjects = [subject]
        self.predicateType = predicateType
        self.predicate = predicate
    }

    /// Reads a statement. Keys that the specification does not name are passed over, as it demands.
    ///
    /// - Throws: `gates.attestation-malformed`, `gates.attestation-too-large`.
    public static func decode(_ bytes: [UInt8], limits: AttestationLimits = .standard) throws(GateError) -> Statement {
        let members = try StrictJSON.members(of: bytes, what, limits: limits)
        let type: String = try value("_type", members)
        guard type == Self.type || type == olderType else {
            throw AttestationError.malformed(what, "its _type is '\(type.prefix(80))', not \(Self.type)")
        }
        let subjects: [Subject] = try value("subject", members)
        guard !subjects.isEmpty else { throw AttestationError.malformed(what, "it has no subject") }
        guard subjects.count <= limits.subjects else { throw AttestationError.tooLarge(what, limit: "\(limits.subjects) subjects") }
        let predicateType: String = try value("predicateType", members)
        try check(predicateType)
        var statement = Statement(subjects: subjects, predicateType: predicateType, predicate: Array("{}".utf8))
        if let predicate = members["predicate"] {
            _ = try StrictJSON.members(of: Array(predicate), "its predicate", limits: limits)
            statement.predicate = Array(predicate)
        }
        return statement
    }

    /// Its bytes: the same for the same statement, when its predicate is.
    public func encode() throws(GateError) -> [UInt8] {
        let subjects = try Self.encoded(subjects)
        let predicateType = try Self.encoded(predicateType)
        var text = Array(#"{"_type":"\#(Self.type)","predicate":"#.utf8)
        text += predicate
        text += Array(#","predicateType":"#.utf8) + predicateType + Array(#","subject":"#.utf8) + subjects
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// Its predicate as what it says it is.
    ///
    /// - Throws: `gates.attestation-malformed` when it is of another type, or not as its type demands.
    public func predicate<Value: StatementPredicate>(as type: Value.Type) throws(GateError) -> Value {
        guard predicateType == type.predicateType else {
            throw AttestationError.malformed("a statement of type \(predicateType)", "\(type.predicateType) was expected")
        }
        return try StrictJSON.decode(type, from: predicate, "a predicate of type \(predicateType)", limits: .standard)
    }

    /// The same said of one subject alone, so that who signs it vouches for nothing else that stands in it.
    ///
    /// - Throws: `gates.attestation-foreign` when it is about more than one.
    public func restated(about subject: Subject) throws(GateError) -> Statement {
        guard subjects.count == 1 else { throw AttestationError.foreign(predicateType, subjects: subjects.count) }
        return try Statement(about: subject, predicateType: predicateType, predicate: predicate)
    }

    /// Whether it says what it says of exactly this image.
    public func isAbout(_ digest: Digest) -> Bool { subjects.contains { $0.sha256 == digest } }

    private init(subjects: [Subject], predicateType: String, predicate: [UInt8]) {
        self.subjects = subjects
        self.predicateType = predicateType
        self.predicate = predicate
    }

    private static let what = "the statement"
    static let predicateTypeBytes = 1_024

    private static func check(_ predicateType: String) throws(GateError) {
        let isURI = predicateType.contains(":") && predicateType.utf8.allSatisfy { (0x21...0x7e).contains($0) }
        guard isURI, predicateType.utf8.count <= predicateTypeBytes else {
            throw AttestationError.malformed("a predicate type", "'\(predicateType.prefix(80))' is no URI")
        }
    }

    private static func value<Value: Decodable>(_ key: String, _ members: [String: ArraySlice<UInt8>]) throws(GateError) -> Value {
        guard let bytes = members[key] else { throw AttestationError.malformed(what, "it has no \(key)") }
        do { return try JSONDecoder().decode(Value.self, from: Data(bytes)) } catch {
            throw AttestationError.malformed(what, "its \(key) is not what in-toto says", cause: error)
        }
    }

    private static func encoded(_ value: some Encodable) throws(GateError) -> [UInt8] {
        do { return try StrictJSON.encode(value) } catch {
            throw AttestationError.malformed("what is to be signed", "it has no form in JSON", cause: error)
        }
    }
}
