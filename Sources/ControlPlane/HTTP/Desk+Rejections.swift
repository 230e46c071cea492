import API
import IngotModel

extension Desk {
    /// The digits of a digest that name an image, as everywhere.
    private static let fewestDigits = 12

    /// Takes a rejection back.
    ///
    /// - Throws: `control.unknown-image`, `control.not-found` when nobody rejected it.
    func accept(_ asked: AcceptanceRequest, by actor: String) async throws -> RejectionAnswer {
        try await deployments.accept(try await rejectedImage(asked.reference), by: actor)
    }

    /// By its digest an image need not be here: a rejection outlives what it is about.
    private func rejectedImage(_ reference: String) async throws -> Digest {
        if let digest = Digest(reference) { return digest }
        if reference.utf8.count >= Self.fewestDigits {
            let meant = try await store.rejectedImages().filter { $0.hex.hasPrefix(reference) }
            if let only = meant.first, meant.count == 1 { return only }
        }
        return try await deployments.image(reference).digest
    }
}
