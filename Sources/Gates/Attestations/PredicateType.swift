/// The predicate types that have a short name on the command line. Any other is given by its URI.
///
/// Source: in-toto Attestation Framework, "Vetted predicates"; cosign, "Predicate types", whose short names these are where it has one.
public enum PredicateType: String, CaseIterable, Sendable {
    /// Says no more than that somebody signed the image.
    case signature
    case provenance = "slsaprovenance1"
    case test
    case scan
    case approval
    case cyclonedx
    case spdx = "spdxjson"

    public var uri: String {
        switch self {
        case .signature: "https://sigstore.dev/cosign/sign/v1"
        case .provenance: "https://slsa.dev/provenance/v1"
        case .test: TestResultPredicate.predicateType
        case .scan: ScanPredicate.predicateType
        case .approval: ApprovalPredicate.predicateType
        case .cyclonedx: "https://cyclonedx.org/bom"
        case .spdx: "https://spdx.dev/Document"
        }
    }

    /// Holds a statement against the form that its type demands. A type that Ingot does not read has none.
    ///
    /// - Throws: `gates.attestation-malformed`.
    public static func check(_ statement: Statement) throws(GateError) {
        switch statement.predicateType {
        case TestResultPredicate.predicateType: _ = try statement.predicate(as: TestResultPredicate.self)
        case ScanPredicate.predicateType: _ = try statement.predicate(as: ScanPredicate.self)
        case ApprovalPredicate.predicateType: _ = try statement.predicate(as: ApprovalPredicate.self)
        default: break
        }
    }

    /// The URI that a word on the command line means.
    public static func uri(of word: String) -> String { PredicateType(rawValue: word)?.uri ?? word }
}
