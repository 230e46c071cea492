public import IngotModel

/// What goes wrong at a gate: it said no, or it could not be asked.
public struct GateError: ExplainedError {
    public var code: String
    public var message: String
    public var remedy: String?
    public var fault: Fault
    public var cause: (any Error)?

    public init(code: String, message: String, remedy: String? = nil, fault: Fault, cause: (any Error)? = nil) {
        self.code = code
        self.message = message
        self.remedy = remedy
        self.fault = fault
        self.cause = cause
    }

    /// What to do first is enough to begin with.
    private static let mostRemedies = 5

    /// Gates refused an image: each refusal is a cause of its own, so that all of them are shown. `nil` when none did.
    public static func refused(_ image: Digest, in environment: EnvironmentID, by refusals: [Refusal]) -> GateError? {
        guard !refusals.isEmpty else { return nil }
        var cause: GateError?
        for refusal in refusals.reversed() {
            cause = GateError(code: "gates.\(refusal.gate.rawValue)", message: refusal.message, fault: .gate, cause: cause)
        }
        var remedies: [String] = []
        for refusal in refusals where !remedies.contains(refusal.remedy) { remedies.append(refusal.remedy) }
        if remedies.count > mostRemedies {
            remedies = remedies.prefix(mostRemedies) + ["for the rest see `ingot why \(image.short) \(environment)`"]
        }
        return GateError(
            code: "gates.refused", message: "image \(image.short) may not run in \(environment)",
            remedy: remedies.joined(separator: "; "), fault: .gate, cause: cause)
    }
}
