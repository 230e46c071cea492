import Foundation
import IngotModel
import Simulation
import Testing

@testable import Rollout

@Suite("Properties of release sets, over any order and anything that happens meanwhile")
struct ReleaseSetPropertyTests {
    @Test("every set ends, in its order, and takes back only what it moved", arguments: 1...40 as ClosedRange<UInt64>)
    func properties(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<25 { try run(&generator) }
    }

    private func run(_ generator: inout SeededGenerator) throws {
        var world = SetWorld(anyMembers(&generator))
        var moved: Set<ServiceName> = []
        let hasFaults = generator.happens(percent: 70)
        for step in 0..<300 where world.state.outcome == nil {
            if hasFaults, step < 40 { disturb(&world, &generator) }
            happen(&world, &generator)
            let before = world
            let plan = world.pass(after: Milliseconds(generator.number(in: 1...20_000)))
            expectSane(plan, before, world, &moved)
            // A daemon that dies here finds the same state again, and looks again at the same world.
            world.state = try JSONDecoder().decode(ReleaseSetState.self, from: try JSONEncoder().encode(world.state))
            let settled = world.state
            let again = world.pass(after: 0)
            #expect(again.orders.isEmpty && again.decided.isEmpty && world.state == settled, "a second look decides more: \(again)")
        }
        expectEnd(world)
    }

    /// Each comes after some of those before it, and they are written in any order.
    private func anyMembers(_ generator: inout SeededGenerator) -> [(name: String, after: [String], before: Int?)] {
        var members: [(name: String, after: [String], before: Int?)] = []
        for number in 0..<generator.number(in: 1...6) {
            var after: [String] = []
            for earlier in members where generator.happens(percent: 35) { after.append(earlier.name) }
            let before = generator.happens(percent: 15) ? nil : generator.happens(percent: 15) ? 2 : 1
            members.append(("m\(number)", after, before))
        }
        return members.shuffled(using: &generator)
    }

    private func disturb(_ world: inout SetWorld, _ generator: inout SeededGenerator) {
        guard let service = generator.pick(world.state.members.map(\.service)) else { return }
        switch generator.number(in: 1...60) {
        case 1: world.personAsks(service, for: generator.number(in: 3...5))
        case 2: _ = world.state.goBack(because: "somebody said so", now: world.now)
        case 3: world.seen[service]?.refusal = "rejected"
        case 4: world.seen[service]?.refusalBefore = "rejected"
        case 5: world.now = world.now + SetWorld.limit
        default: break
        }
    }

    /// Environments go on by themselves: commands are taken up, rollouts end.
    private func happen(_ world: inout SetWorld, _ generator: inout SeededGenerator) {
        for service in world.state.members.map(\.service) {
            if generator.happens(percent: 40) { world.takeAbort(service) }
            guard generator.happens(percent: 30), world.seen[service]?.moving != nil else { continue }
            world.end(service, generator.happens(percent: 85) ? .succeeded : .returned(reason: "it broke"))
        }
    }

    private func expectSane(_ plan: ReleaseSetPlan, _ before: SetWorld, _ after: SetWorld, _ moved: inout Set<ServiceName>) {
        var asked: Set<ServiceName> = []
        for order in plan.orders {
            switch order {
            case .request(let service, let request):
                #expect(asked.insert(service).inserted, "two orders at once for \(service)")
                #expect(before.seen[service]?.moving == nil, "\(service) is asked while it moves")
                #expect(before.seen[service]?.hasUntakenCommands == false)
                if request.kind == .rollback { expectRollback(service, request, after, moved) }
                if request.kind == .deploy { moved = expectDeploy(service, before, after, moved) }
            case .abort(let service, _):
                #expect(asked.insert(service).inserted && moved.contains(service))
                #expect(after.state.turn != nil)
            }
        }
    }

    private func expectDeploy(_ service: ServiceName, _ before: SetWorld, _ after: SetWorld, _ moved: Set<ServiceName>) -> Set<ServiceName> {
        #expect(!moved.contains(service), "\(service) is deployed twice")
        #expect(after.state.turn == nil, "\(service) begins though the set goes back")
        for other in after.state.members where after.state.members.first(where: { $0.service == service })?.after.contains(other.service) == true {
            #expect(["succeeded", "kept"].contains(other.phase.word), "\(service) begins before \(other.service) succeeded")
            #expect(before.seen[other.service]?.serving == other.release || after.disturbed.contains(other.service))
        }
        return moved.union([service])
    }

    private func expectRollback(_ service: ServiceName, _ request: RolloutRequest, _ after: SetWorld, _ moved: Set<ServiceName>) {
        #expect(moved.contains(service), "\(service) is rolled back though the set did not move it")
        #expect(request.release == after.state.members.first { $0.service == service }?.before)
        for other in after.state.members where other.after.contains(service) {
            #expect(other.phase.isSettled, "\(service) goes back before \(other.service), which came after it")
        }
    }

    private func expectEnd(_ world: SetWorld) {
        #expect(world.state.outcome != nil, "the set never ends: \(world.state)")
        for member in world.state.members where !world.disturbed.contains(member.service) {
            let serving = world.seen[member.service]?.serving
            switch member.phase {
            case .succeeded, .kept: #expect(serving == member.release)
            case .returned, .untouched: #expect(serving == member.before)
            case .left: #expect(world.state.turn != nil)
            case .waiting, .moving, .stopping, .due, .goingBack: Issue.record("\(member.service) is \(member.phase) at the end")
            }
        }
    }
}
