public import IngotModel

/// One gate's no: what is missing, and what would open it.
public struct Refusal: Hashable, Sendable, Codable, CustomStringConvertible {
    public enum Gate: String, Sendable, Codable, CaseIterable {
        case rejection, tests, order, commit, size, secrets, vulnerabilities, approval

        public init(_ gate: GateVerdict.Gate) {
            self =
                switch gate {
                case .size: .size
                case .secrets: .secrets
                case .vulnerabilities: .vulnerabilities
                }
        }
    }
    public var gate: Gate
    public var message: String
    public var remedy: String

    public init(_ gate: Gate, _ message: String, remedy: String) {
        self.gate = gate
        self.message = message
        self.remedy = remedy
    }

    public var description: String { message }
}
