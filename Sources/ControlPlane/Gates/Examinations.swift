import IngotModel

/// What the gates said of an image, and where it is.
struct ExaminedImage: Sendable {
    var verdicts: [GateVerdict]
    var places: [ImagePlace]
}

extension GateVerdict {
    /// One that says no for each gate of the policy, since the image can't be read. Pure.
    static func unexamined(_ image: Digest, by policy: GatePolicy, at: Timestamp, _ error: any Error) -> [GateVerdict] {
        let report = ErrorReport(error)
        let objection = Objection(
            "could not be examined: \(([report.message] + report.causes).joined(separator: ": "))",
            remedy: report.remedy ?? "see the daemon's log; the image is examined again in the next night")
        return policy.gates.map { GateVerdict($0, of: image, at: at, objections: [objection], summary: "could not be examined") }
    }
}

/// Has the gates look at images.
struct Examinations: Sendable {
    let store: ControlStore
    let gates: any ImageGates

    /// By the service's policy; nothing is recorded.
    func verdicts(on image: Digest, of service: ServiceSpecification) async throws -> [GateVerdict] {
        try await gates.verdicts(on: image, by: service.gates, at: store.clock.now())
    }
}
