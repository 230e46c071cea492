extension Awaited {
    /// Why a wait has no end of its own: nothing happens at a certain time, so who waits must know who has to act. `nil` where it has one.
    public var openEnd: String? {
        guard until == nil else { return nil }
        return Self.openEnds.first { what.contains($0.sign) }?.why
    }

    /// The words by which the planner's open waits are known. A simulation holds that there is no other.
    private static let openEnds = [
        (sign: "somebody to", why: "no time is set: somebody has to act"),
        (sign: "to drain and end", why: "no time is set here: each has its own time to drain, and the engine reports its end"),
        (sign: "to end", why: "no time is set here: each has its grace, then it is killed, and the engine reports its end"),
        (sign: "the router to", why: "no time is set: it is asked again until the router reports it"),
        (sign: "to have the traffic again", why: "no time is left: it is tried until it is healthy, or an operator deploys another release"),
    ]
}
