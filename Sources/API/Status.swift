public import IngotModel

/// `GET /v1/services`, and one of them at `GET /v1/services/{service}`.
public struct ServiceStatus: Sendable, Codable, Equatable {
    public var service: ServiceName
    public var environments: [EnvironmentStatus]
    /// What its owner should know of how it is set up, in words.
    public var notices: [String]?
    public init(service: ServiceName, environments: [EnvironmentStatus], notices: [String]? = nil) {
        self.service = service
        self.environments = environments
        self.notices = notices
    }
}

/// `GET /v1/services/{service}/environments/{environment}`; `…/live` sends one as a server-sent event after each change.
public struct EnvironmentStatus: Sendable, Codable, Equatable {
    public var environment: EnvironmentID
    public var host: String
    /// The release that serves when nothing moves.
    public var serving: ReleaseSummary?
    public var rollout: RolloutStatus?
    /// The rollout that ended last.
    public var lastRollout: RolloutRecord?
    public var split: Split?
    public var fleets: [FleetObservation]
    /// What is waited for, in a person's words.
    public var awaiting: [AwaitedStatus]
    /// Why the environment is not as it should be, if it is not: the router is gone, no image.
    public var problems: [String]
    /// The release set under way that it belongs to.
    public var set: ReleaseSetMembership?
    /// Who keeps others from deploying, if anybody does.
    public var lock: LockStatus?
    /// What the gates say of the image that serves, as of their last look at it.
    public var verdicts: [GateVerdict]?

    public init(
        environment: EnvironmentID, host: String, serving: ReleaseSummary?, rollout: RolloutStatus?, lastRollout: RolloutRecord?,
        split: Split?, fleets: [FleetObservation], awaiting: [AwaitedStatus], problems: [String], lock: LockStatus? = nil
    ) {
        self.environment = environment
        self.host = host
        self.serving = serving
        self.rollout = rollout
        self.lastRollout = lastRollout
        self.split = split
        self.fleets = fleets
        self.awaiting = awaiting
        self.problems = problems
        self.lock = lock
    }
}

public struct ReleaseSummary: Sendable, Codable, Equatable {
    public var number: ReleaseNumber
    public var image: Digest
    public var commit: String?
    public var createdAt: Timestamp
    public var createdBy: String
    public init(_ release: Release) {
        number = release.number
        image = release.image
        commit = release.commit
        createdAt = release.createdAt
        createdBy = release.createdBy
    }
}

public struct RolloutStatus: Sendable, Codable, Equatable {
    public var number: Generation
    public var kind: String
    public var release: ReleaseNumber
    public var from: ReleaseNumber?
    /// `starting`, `switching`, `soaking`, `returning`, `emptying`.
    public var phase: String
    public var phaseSince: Timestamp
    public var acceptedAt: Timestamp
    /// What was decided so far, oldest first.
    public var steps: [RolloutStep]
    /// What the numbers say of the new release so far, in words; `nil` where nothing is asked of them.
    public var findings: [String]?
    public init(
        number: Generation, kind: String, release: ReleaseNumber, from: ReleaseNumber?, phase: String, phaseSince: Timestamp,
        acceptedAt: Timestamp, steps: [RolloutStep], findings: [String]? = nil
    ) {
        self.number = number
        self.kind = kind
        self.release = release
        self.from = from
        self.phase = phase
        self.phaseSince = phaseSince
        self.acceptedAt = acceptedAt
        self.steps = steps
        self.findings = findings
    }
}

public struct RolloutStep: Sendable, Codable, Equatable {
    public var at: Timestamp
    public var what: String
    public init(at: Timestamp, what: String) {
        self.at = at
        self.what = what
    }
}

public struct AwaitedStatus: Sendable, Codable, Equatable {
    public var what: String
    /// What keeps it from happening, where that is known.
    public var hindrance: String?
    /// Since when it is waited for.
    public var since: Timestamp?
    /// When the wait ends by itself, and what happens then.
    public var until: Timestamp?
    public var otherwise: String?
    /// Why it does not end by itself, where it does not.
    public var openEnd: String?
    public init(
        what: String, hindrance: String?, since: Timestamp? = nil, until: Timestamp?, otherwise: String?, openEnd: String? = nil
    ) {
        self.what = what
        self.hindrance = hindrance
        self.since = since
        self.until = until
        self.otherwise = otherwise
        self.openEnd = openEnd
    }
}

/// A rollout that has ended. `GET …/rollouts` lists them, newest first; `GET …/rollouts/{number}` is one.
public struct RolloutRecord: Sendable, Codable, Equatable {
    public enum Result: String, Sendable, Codable { case succeeded, returned, superseded }
    public var number: Generation
    public var kind: String
    public var release: ReleaseNumber
    public var from: ReleaseNumber?
    public var image: Digest
    public var commit: String?
    public var acceptedAt: Timestamp
    public var endedAt: Timestamp
    public var result: Result
    /// Why it went back or gave way.
    public var reason: String?
    public var proof: RolloutProof
    public var steps: [RolloutStep]
    public var requestedBy: String
    /// What the numbers said of the new release at its end, in words; `nil` where nothing was asked of them.
    public var findings: [String]?

    public init(
        number: Generation, kind: String, release: ReleaseNumber, from: ReleaseNumber?, image: Digest, commit: String?,
        acceptedAt: Timestamp, endedAt: Timestamp, result: Result, reason: String?, proof: RolloutProof, steps: [RolloutStep],
        requestedBy: String, findings: [String]? = nil
    ) {
        self.number = number
        self.kind = kind
        self.release = release
        self.from = from
        self.image = image
        self.commit = commit
        self.acceptedAt = acceptedAt
        self.endedAt = endedAt
        self.result = result
        self.reason = reason
        self.proof = proof
        self.steps = steps
        self.requestedBy = requestedBy
        self.findings = findings
    }
}

/// `GET /v1/instances`, and one of them at `GET /v1/instances/{id}`.
public struct InstanceDetails: Sendable, Codable, Equatable {
    public var id: InstanceID
    public var environment: EnvironmentID
    public var release: ReleaseNumber
    public var image: Digest
    /// `running`, `starting`, `ending`, `ended`.
    public var state: String
    public var startedAt: Timestamp
    public var endedAt: Timestamp?
    /// How it ended: `exit code 1`, `killed by SIGKILL: out of memory`.
    public var ending: String?
    public var address: String
    public var health: String
    public var requestsInFlight: Int
    public var processID: Int?
    /// How its root file system is protected on this machine.
    public var rootProtection: String

    public init(
        id: InstanceID, environment: EnvironmentID, release: ReleaseNumber, image: Digest, state: String, startedAt: Timestamp,
        endedAt: Timestamp?, ending: String?, address: String, health: String, requestsInFlight: Int, processID: Int?,
        rootProtection: String
    ) {
        self.id = id
        self.environment = environment
        self.release = release
        self.image = image
        self.state = state
        self.startedAt = startedAt
        self.endedAt = endedAt
        self.ending = ending
        self.address = address
        self.health = health
        self.requestsInFlight = requestsInFlight
        self.processID = processID
        self.rootProtection = rootProtection
    }
}

/// One line that an instance printed; `GET …/logs` sends them as server-sent events.
/// Stored one a line, in this form, in the instance's folder.
public struct LogLine: Sendable, Codable, Equatable {
    public enum Stream: String, Sendable, Codable { case stdout, stderr }
    public var at: Timestamp
    public var instance: InstanceID
    public var stream: Stream
    public var line: String
    public init(at: Timestamp, instance: InstanceID, stream: Stream, line: String) {
        self.at = at
        self.instance = instance
        self.stream = stream
        self.line = line
    }
}

/// `GET /v1/events/verification`
public struct EventVerification: Sendable, Codable, Equatable {
    public var isIntact: Bool
    public var events: Int
    /// The first event whose predecessor is not what it was.
    public var firstBroken: Int?
    public init(isIntact: Bool, events: Int, firstBroken: Int?) {
        self.isIntact = isIntact
        self.events = events
        self.firstBroken = firstBroken
    }
}

/// `POST /v1/garbage-collections`
public struct GarbageReport: Sendable, Codable, Equatable {
    public var removedBlobs: Int
    public var freed: ByteSize
    public init(removedBlobs: Int, freed: ByteSize) {
        self.removedBlobs = removedBlobs
        self.freed = freed
    }
}
