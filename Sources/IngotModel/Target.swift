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

    public init(
        generation: Generation, sizes: [FleetSize], split: Split, draining: Set<ReleaseNumber> = [], cutting: Set<ReleaseNumber> = []
    ) {
        self.generation = generation
        self.sizes = sizes
        self.split = split
        self.draining = draining
        self.cutting = cutting
    }

    public func size(of release: ReleaseNumber) -> Int { sizes.first { $0.release == release }?.size ?? 0 }
}

public struct FleetSize: Hashable, Sendable, Codable {
    public var release: ReleaseNumber
    public var size: Int
    public init(release: ReleaseNumber, size: Int) {
        self.release = release
        self.size = size
    }
}
