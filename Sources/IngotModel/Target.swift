/// What an environment is to be at this moment: all that an executor needs, and nothing left to decide.
///
/// A target is a state, not a step: carrying it out twice is carrying it out once.
public struct EnvironmentTarget: Hashable, Sendable, Codable {
    public var generation: Generation
    /// How many instances each release's fleet is to have. Fleets that are not named have none.
    public var sizes: [FleetSize]
    public var split: Split
    /// Fleets that are given no new request, not even on a connection that is kept alive.
    public var draining: Set<ReleaseNumber>
    /// Fleets whose remaining requests are cut: their drain deadline has passed.
    public var cutting: Set<ReleaseNumber>

    /// Instances of fleets that stay which are given no new request, and those of them whose last requests are cut.
    public var leaving: [LeavingInstance]
    /// How many streams a draining release, or an instance that leaves, may still have at this moment; those beyond it are closed, the oldest
    /// first. While there is a limit, cutting spares streams: they have a deadline of their own.
    public var streamLimits: [StreamLimit]
    /// Whose requests go to which release whatever the split says.
    public var testers: Testers?
    /// By which a visitor stays on the release of the first answer; `nil` when nobody does.
    public var sticky: StickyCookie?
    /// The hooks that are to have run.
    public var hooks: Set<HookRun>
    /// The release that is being watched: the measurements of its analysis are taken.
    public var measured: ReleaseNumber?
    /// The release that gets requests of our own, because it has too few of its users'.
    public var probed: ReleaseNumber?

    public init(
        generation: Generation, sizes: [FleetSize], split: Split, draining: Set<ReleaseNumber> = [], cutting: Set<ReleaseNumber> = [],
        leaving: [LeavingInstance] = [], streamLimits: [StreamLimit] = [], testers: Testers? = nil, sticky: StickyCookie? = nil,
        hooks: Set<HookRun> = [], measured: ReleaseNumber? = nil, probed: ReleaseNumber? = nil
    ) {
        self.generation = generation
        self.sizes = sizes
        self.split = split
        self.draining = draining
        self.cutting = cutting
        self.leaving = leaving
        self.streamLimits = streamLimits
        self.testers = testers
        self.sticky = sticky
        self.hooks = hooks
        self.measured = measured
        self.probed = probed
    }

    public func size(of release: ReleaseNumber) -> Int { sizes.first { $0.release == release }?.size ?? 0 }
}

public struct FleetSize: Hashable, Sendable, Codable {
    public var release: ReleaseNumber
    public var size: Int
    /// Who ends where the fleet gets smaller: these, and nobody else.
    public var ending: Set<InstanceID>
    public init(release: ReleaseNumber, size: Int, ending: Set<InstanceID> = []) {
        self.release = release
        self.size = size
        self.ending = ending
    }
}

/// An instance that is to end while its fleet goes on.
public struct LeavingInstance: Hashable, Sendable, Codable {
    public var instance: InstanceID
    public var isCut: Bool
    public init(instance: InstanceID, isCut: Bool = false) {
        self.instance = instance
        self.isCut = isCut
    }
}

public struct StreamLimit: Hashable, Sendable, Codable {
    public static let anyNumber = 1_000_000_000

    public var release: ReleaseNumber
    /// The one instance that it is for; `nil` for the release's instances together.
    public var instance: InstanceID?
    public var most: Int
    public init(release: ReleaseNumber, instance: InstanceID? = nil, most: Int) {
        self.release = release
        self.instance = instance
        self.most = most
    }

    public func isFor(_ instance: InstanceID, of release: ReleaseNumber) -> Bool {
        release == self.release && (self.instance == nil || instance == self.instance)
    }
}

public struct Testers: Hashable, Sendable, Codable {
    public var mark: TesterMark
    public var release: ReleaseNumber
    public init(mark: TesterMark, release: ReleaseNumber) {
        self.mark = mark
        self.release = release
    }
}

/// A cookie that the router sets, with the release's number as its value.
public struct StickyCookie: Hashable, Sendable, Codable {
    /// A token of RFC 6265, section 4.1.1.
    public var name: String
    public init(name: String) { self.name = name }
}
