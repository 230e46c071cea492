public import IngotModel

/// What goes wrong in a simulated world at the moment. All of it may be changed at any time.
public struct SimulatedFaults: Hashable, Sendable {
    /// How many calls of a hundred fail with nothing done.
    public var failsBeforePercent = 0
    /// How many calls of a hundred fail although they were carried out.
    public var failsAfterPercent = 0
    /// The router can't be asked before this moment.
    public var routerIsAwayUntil: Timestamp?
    /// How many calls of a hundred are carried out only later, though their caller was told that they failed; how many come a second time;
    /// and how much later at most.
    public var latePercent = 0
    public var repeatedPercent = 0
    public var longestDelay: Milliseconds = .seconds(10)
    /// How many of a hundred times the router answers with what it had answered the time before.
    public var staleAnswerPercent = 0
    /// How long after it was accepted a route comes into force.
    public var routerLateness: Milliseconds = 0
    /// The caller dies within the so-many-th call from now; every call after it fails.
    public var callsUntilCrash: Int?

    public init() {}
    public static let none = SimulatedFaults()
}

/// The requests that arrive at each environment.
public struct SimulatedLoad: Hashable, Sendable {
    /// Between two requests.
    public var interval: Milliseconds
    public var shortest: Milliseconds
    public var longest: Milliseconds
    /// How many of a hundred never end.
    public var endlessPercent: Int
    /// How many of a hundred are streams, which go on until they are closed.
    public var streamPercent: Int

    public init(interval: Milliseconds, shortest: Milliseconds, longest: Milliseconds, endlessPercent: Int = 0, streamPercent: Int = 0) {
        self.interval = interval
        self.shortest = shortest
        self.longest = longest
        self.endlessPercent = endlessPercent
        self.streamPercent = streamPercent
    }
}
