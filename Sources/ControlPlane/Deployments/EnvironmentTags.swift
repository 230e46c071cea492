import API
import IngotModel
import Logging
import Rollout

/// Keeps each environment's tag, `guestbook:production`, on the image that was last promoted there, or that a rollback or a failed rollout has gone
/// back to. It looks at what is recorded, so a tag that was moved by something else, or not moved because the daemon died, is put right.
struct EnvironmentTags: Sendable {
    let store: ControlStore
    let images: any ImageCatalog

    static func name(of environment: EnvironmentID) -> String { "\(environment.service):\(environment.environment)" }

    /// Which image the tag names. A promotion is newer than the rollout that comes of it until that has ended. Pure.
    static func image(promotion: (image: Digest, at: Timestamp)?, lastEnd: Timestamp?, serving: Digest?) -> Digest? {
        guard let promotion else { return serving }
        guard let lastEnd, let serving, lastEnd > promotion.at else { return promotion.image }
        return serving
    }

    /// Puts one tag right.
    func follow(_ environment: EnvironmentID) async throws {
        let record = try await store.environment(environment)
        var serving: Digest?
        if let number = record?.state.serving { serving = try await store.release(number, of: environment)?.image }
        let lastEnd = try await store.rollouts(of: environment, limit: 1).first?.endedAt
        let promotion = try await store.lastPromotion(in: environment)
        guard let image = Self.image(promotion: promotion, lastEnd: lastEnd, serving: serving) else { return }
        let name = Self.name(of: environment)
        // An image that was removed with all else has no tag either.
        guard try await images.resolve(name) != image, try await images.facts(of: image) != nil else { return }
        try await images.tag(image, as: name)
    }

    /// Puts all of them right, then those in whose environments something has ended, until the task is cancelled.
    func run(logger: Logger) async {
        let changes = store.newEvents.listen()
        var seen = 0
        do {
            seen = try await store.events(after: nil, limit: 1).last?.sequence ?? 0
            for environment in try await store.environments() { await followOrTell(environment, logger) }
        } catch { Self.tell(error, "all environments", logger) }
        for await _ in changes {
            do {
                let events = try await store.events(after: seen, limit: 1_000)
                seen = events.last?.sequence ?? seen
                let moved = events.filter { [.imagePromoted, .rolloutSucceeded, .rolloutReturned, .rolloutSuperseded].contains($0.action) }
                for environment in Set(moved.compactMap(\.environment)).sorted() { await followOrTell(environment, logger) }
            } catch { Self.tell(error, "what has happened", logger) }
        }
    }

    private func followOrTell(_ environment: EnvironmentID, _ logger: Logger) async {
        do { try await follow(environment) } catch { Self.tell(error, "\(environment)", logger) }
    }

    private static func tell(_ error: any Error, _ what: String, _ logger: Logger) {
        guard !Task.isCancelled else { return }
        logger.error("a tag could not be put right", metadata: ["of": "\(what)", "error": "\(ErrorReport(error).lines.joined(separator: "; "))"])
    }
}
