public import IngotModel

/// One gate's no: what is missing, and what would open it.
public struct Refusal: Hashable, Sendable, Codable, CustomStringConvertible {
    public typealias Gate = GateStanding.Gate

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

extension GateStanding {
    public var refusals: [Refusal] { objections.map { Refusal(gate, $0.message, remedy: $0.remedy) } }
}
