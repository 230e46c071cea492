import IngotModel

/// An event before it has its place in the chain.
struct EventDraft: Sendable, Equatable {
    /// Who the daemon is in its own events.
    static let daemon = "ingot"

    var actor: String
    var action: Event.Action
    var environment: EnvironmentID?
    var release: ReleaseNumber?
    var image: Digest?
    var message: String

    init(
        _ action: Event.Action, by actor: String = EventDraft.daemon, environment: EnvironmentID? = nil, release: ReleaseNumber? = nil,
        image: Digest? = nil, _ message: String
    ) {
        self.actor = actor
        self.action = action
        self.environment = environment
        self.release = release
        self.image = image
        self.message = message
    }
}

/// The end of a chain of events: how many there are, and the digest of the newest.
struct ChainHead: Equatable, Sendable {
    var sequence = 0
    var digest = Digest.ofNoBytes

    /// Takes a draft into the chain.
    ///
    /// - Returns: the event, its canonical JSON, and the head that it makes.
    func appending(_ draft: EventDraft, at: Timestamp) throws -> (event: Event, body: String, head: ChainHead) {
        let event = Event(
            sequence: sequence + 1, at: at, actor: draft.actor, action: draft.action, environment: draft.environment,
            release: draft.release, image: draft.image, message: draft.message, previous: digest)
        let body = try CanonicalJSON.text(event)
        return (event, body, ChainHead(sequence: event.sequence, digest: .of(body)))
    }

    /// The head after a stored event; `nil` when the event does not follow this head, or is not what it was.
    func following(_ row: StoredEvent) -> ChainHead? {
        guard let event = try? CanonicalJSON.value(Event.self, from: row.body), event.sequence == sequence + 1,
            row.sequence == event.sequence, event.previous == digest, event.environment?.text == row.environment,
            row.digest == Digest.of(row.body).text
        else { return nil }
        return ChainHead(sequence: event.sequence, digest: .of(row.body))
    }
}

/// A row of the table of events, as it stands on the disk.
struct StoredEvent: Sendable {
    var sequence: Int
    var environment: String?
    var body: String
    var digest: String
}
