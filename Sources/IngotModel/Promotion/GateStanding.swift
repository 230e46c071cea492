/// How one gate stands to an image: what is known, and what is missing.
public struct GateStanding: Hashable, Sendable, Codable {
    public enum Gate: String, Hashable, Sendable, Codable, CaseIterable {
        case rejection, commit, size, secrets, vulnerabilities, tests, order, signatures, approval, freeze

        public init(_ gate: GateVerdict.Gate) {
            self =
                switch gate {
                case .size: .size
                case .secrets: .secrets
                case .vulnerabilities: .vulnerabilities
                }
        }
    }

    /// Something that is known, whether it speaks for the image or not.
    public struct Fact: Hashable, Sendable, Codable {
        public var what: String
        /// Who has said so; `nil` for Ingot itself.
        public var by: String?
        public var at: Timestamp?

        public init(_ what: String, by: String? = nil, at: Timestamp? = nil) {
            self.what = what
            self.by = by
            self.at = at
        }
    }

    public var gate: Gate
    public var facts: [Fact]
    /// Empty when the gate is open.
    public var objections: [GateVerdict.Objection]

    public init(_ gate: Gate, facts: [Fact] = [], objections: [GateVerdict.Objection] = []) {
        self.gate = gate
        self.facts = facts
        self.objections = objections
    }

    public var isOpen: Bool { objections.isEmpty }
}
