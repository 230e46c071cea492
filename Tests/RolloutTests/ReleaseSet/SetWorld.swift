// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import IngotModel

@testable import Rollout

/// A set with the environments of its members, as simple as they can be: a request is under way until the test says how it ended.
struct SetWorld {
    var state: ReleaseSetState
    var now = Timestamp(secondsSince1970: 1_767_225_600)
    var seen: [ServiceName: MemberObservation] = [:]
    /// Rollouts that were told to go back and have not taken that up yet.
    var aborted: Set<ServiceName> = []
    /// Members that somebody else than the set has asked for something.
    var disturbed: Set<ServiceName> = []
    var decided: [String] = []
    private var lastRollout = 0

    static let limit = Milliseconds.minutes(10)

    /// - Parameter members: name, what it comes after, and what served before; each wants release 2.
    init(_ members: [(name: String, after: [String], before: Int?)]) {
        let start = Timestamp(secondsSince1970: 1_767_225_600)
        let parts = members.map { member in
            ReleaseSetState.Member(
                service: ServiceName(member.name)!, after: member.after.map { ServiceName($0)! }, release: ReleaseNumber(2),
                before: member.before.map { ReleaseNumber($0) })
        }
        state = ReleaseSetState(members: parts, limit: Self.limit, acceptedAt: start)
        for part in parts { seen[part.service] = MemberObservation(serving: part.before) }
    }

    static let storefront = SetWorld([("catalog", [], 1), ("shop", ["catalog"], 1), ("search", ["catalog"], 1)])

    func member(_ name: String) -> ReleaseSetState.Member { state.members.first { $0.service.name == name }! }
    func phase(_ name: String) -> String { member(name).phase.word }
    var phases: [String] { state.members.map(\.phase.word) }

    /// One pass, whose orders reach the environments at once.
    @discardableResult
    mutating func pass(after length: Milliseconds = 10) -> ReleaseSetPlan {
        now = now + length
        let plan = state.advance(seen, now: now)
        for order in plan.orders { carryOut(order) }
        decided += plan.decided.map { ($0.service.map { "\($0): " } ?? "") + $0.what }
        return plan
    }

    private mutating func carryOut(_ order: ReleaseSetPlan.Order) {
        switch order {
        case .request(let service, let request): ask(service, request)
        case .abort(let service, _):
            aborted.insert(service)
            seen[service]?.hasUntakenCommands = true
        }
    }

    /// Somebody sends the set back.
    ///
    /// - Returns: whether that changed anything.
    @discardableResult
    mutating func goBack() -> Bool { state.goBack(because: "wrong prices", now: now) }

    /// A newer request takes the place of the one under way.
    mutating func ask(_ service: ServiceName, _ request: RolloutRequest) {
        end(service, .superseded)
        seen[service]?.moving = request
    }

    mutating func personAsks(_ service: ServiceName, for release: Int) {
        disturbed.insert(service)
        ask(service, RolloutRequest(kind: .deploy, release: ReleaseNumber(release), acceptedAt: now + 1))
    }

    /// What is under way has ended.
    mutating func end(_ service: ServiceName, _ outcome: MemberObservation.Ending.Outcome) {
        guard let request = seen[service]?.moving, let member = state.members.first(where: { $0.service == service }) else { return }
        lastRollout += 1
        let ending = MemberObservation.Ending(rollout: Generation(lastRollout), outcome: outcome)
        if request == member.deployment?.request { seen[service]?.deployment = ending }
        if request == member.rollback?.request { seen[service]?.rollback = ending }
        if outcome == .succeeded { seen[service]?.serving = request.release }
        seen[service]?.moving = nil
    }

    mutating func end(_ name: String, _ outcome: MemberObservation.Ending.Outcome) { end(ServiceName(name)!, outcome) }

    /// The environment takes up the abort: what is under way goes back.
    mutating func takeAbort(_ service: ServiceName) {
        guard aborted.remove(service) != nil else { return }
        seen[service]?.hasUntakenCommands = false
        end(service, .returned(reason: "aborted"))
    }

    mutating func takeAbort(_ name: String) { takeAbort(ServiceName(name)!) }
}

extension ReleaseSetPlan {
    /// `deploy catalog 2`, `rollback catalog 1`, `abort shop`
    var words: [String] {
        orders.map { order in
            switch order {
            case .request(let service, let request): "\(request.kind.rawValue) \(service) \(request.release)"
            case .abort(let service, _): "abort \(service)"
            }
        }
    }
}
