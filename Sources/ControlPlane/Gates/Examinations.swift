import IngotModel

/// What the gates said of an image, and where it is.
struct ExaminedImage: Sendable {
    var verdicts: [GateVerdict]
    var places: [ImagePlace]
}

/// Has the gates look at images, and puts what they say on record.
struct Examinations: Sendable {
    let store: ControlStore
    let gates: any ImageGates

    /// By the service's policy; nothing is recorded.
    func verdicts(on image: Digest, of service: ServiceSpecification) async throws -> [GateVerdict] {
        try await gates.verdicts(on: image, by: service.gates, at: store.clock.now())
    }

    func examine(_ image: Digest, of service: ServiceSpecification, in places: [ImagePlace]) async throws -> [GateVerdict] {
        let verdicts = try await verdicts(on: image, of: service)
        try await store.record([ExaminedImage(verdicts: verdicts, places: places)], of: service.service)
        return verdicts
    }
}
