import IngotModel

/// What the gates said of an image, and where it is.
struct ExaminedImage: Sendable {
    var verdicts: [GateVerdict]
    var places: [ImagePlace]
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
