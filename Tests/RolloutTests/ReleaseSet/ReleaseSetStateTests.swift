// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import Foundation
import IngotModel
import Testing

@testable import Rollout

@Suite("A release set, pass by pass")
struct ReleaseSetStateTests {
    let catalog = ServiceName("catalog")!
    let shop = ServiceName("shop")!
    let search = ServiceName("search")!

    /// All three have begun; catalog serves its release.
    private func halfWay() -> SetWorld {
        var world = SetWorld.storefront
        world.pass()
        world.end("catalog", .succeeded)
        world.pass()
        return world
    }

    /// All three serve their releases, and the set has succeeded.
    private func through() -> SetWorld {
        var world = halfWay()
        world.end("shop", .succeeded)
        world.end("search", .succeeded)
        world.pass()
        return world
    }

    @Test("members begin when those they come after have succeeded, side by side, and each is asked once")
    func order() {
        var world = SetWorld.storefront
        #expect(world.state.awaiting.first == "catalog to begin")
        #expect(world.pass().words == ["deploy catalog 2"])
        #expect(world.pass().words.isEmpty)
        #expect(world.state.awaiting.prefix(2) == ["catalog to serve release 2", "catalog to succeed, before shop begins"])
        world.end("catalog", .succeeded)
        #expect(world.pass().words == ["deploy shop 2", "deploy search 2"])
        world.end("search", .succeeded)
        #expect(world.pass().words.isEmpty && world.state.outcome == nil)
        world.end("shop", .succeeded)
        world.pass()
        #expect(world.state.outcome == .succeeded(at: world.now) && world.state.awaiting.isEmpty && world.state.deadline == nil)
        #expect(world.state.members.allSatisfy { $0.deployment?.rollout != nil && $0.rollback == nil })
    }

    @Test("when one goes back, what moves is stopped and what succeeded goes back after those that came after it")
    func turn() {
        var world = halfWay()
        world.end("shop", .returned(reason: "unhealthy"))
        #expect(world.pass().words == ["abort search"])
        #expect(world.phases == ["due back", "returned", "stopping"])
        #expect(world.pass().words.isEmpty)
        world.takeAbort("search")
        #expect(world.pass().words == ["rollback catalog 1"])
        world.end("catalog", .succeeded)
        world.pass()
        #expect(world.state.outcome == .returned(at: world.now) && world.phases == ["returned", "returned", "returned"])
        #expect(world.state.turn?.reason == "shop went back: unhealthy")
        #expect(world.pass().decided.isEmpty)
    }

    @Test("a member that succeeded before it could be stopped goes back too, and only once its abort was taken up")
    func lateSuccess() {
        var world = halfWay()
        world.end("shop", .returned(reason: "unhealthy"))
        world.pass()
        world.end("search", .succeeded)
        #expect(world.pass().words.isEmpty, "the abort that is on its way would hit the rollback")
        world.takeAbort("search")
        #expect(world.pass().words == ["rollback search 1"])
    }

    @Test("whoever asks a member for something else takes it out of the set, and the set turns", arguments: ["waiting", "moving", "succeeded"])
    func superseded(_ phase: String) {
        var world = SetWorld.storefront
        world.pass()
        let member = phase == "waiting" ? shop : catalog
        if phase == "succeeded" {
            world.end("catalog", .succeeded)
            world.pass()
        }
        #expect(world.phase(member.name) == phase)
        world.personAsks(member, for: 7)
        let words = world.pass().words
        #expect(world.phase(member.name) == "left to a person")
        #expect(world.state.turn?.reason.contains("asked for something else") == true)
        #expect(!words.contains { $0.contains(" \(member) ") || $0.hasSuffix(" \(member)") }, "nothing more is asked of it: \(words)")
    }

    @Test("a member that serves what is wanted already is not moved, neither there nor back")
    func kept() {
        var world = SetWorld([("catalog", [], 2), ("shop", ["catalog"], 1)])
        #expect(world.pass().words == ["deploy shop 2"])
        world.end("shop", .returned(reason: "slow"))
        #expect(world.pass().words.isEmpty)
        #expect(world.phases == ["kept", "returned"] && world.state.outcome == .returned(at: world.now))
    }

    @Test("a set of members that all serve what is wanted succeeds at once")
    func allKept() {
        var world = SetWorld([("catalog", [], 2)])
        #expect(world.pass().words.isEmpty && world.state.outcome == .succeeded(at: world.now))
    }

    @Test("the deadline turns the set, also when nothing at all happens")
    func deadline() {
        var world = SetWorld.storefront
        world.pass()
        #expect(world.state.deadline == world.state.acceptedAt + SetWorld.limit)
        #expect(world.pass(after: SetWorld.limit).words == ["abort catalog"])
        #expect(world.phases == ["stopping", "untouched", "untouched"])
    }

    @Test("a way back that hangs is left to a person, and the others go back all the same")
    func hanging() {
        var world = halfWay()
        world.goBack()
        world.pass()
        world.takeAbort("shop")
        #expect(world.pass().words.isEmpty)
        #expect(world.pass(after: SetWorld.limit).words == ["rollback catalog 1"])
        #expect(world.phase("search") == "left to a person")
        world.end("catalog", .succeeded)
        world.pass()
        #expect(world.state.outcome == .returned(at: world.now))
    }

    @Test(
        "a rollback that fails or gives way ends the set, plainly, and is not tried again",
        arguments: [MemberObservation.Ending.Outcome.returned(reason: "no disk"), .superseded])
    func failedReturn(_ outcome: MemberObservation.Ending.Outcome) {
        var world = SetWorld([("catalog", [], 1)])
        world.pass()
        world.end("catalog", .succeeded)
        world.pass()
        world.goBack()
        #expect(world.pass().words == ["rollback catalog 1"])
        world.end("catalog", outcome)
        #expect(world.pass().words.isEmpty && world.pass().words.isEmpty)
        #expect(world.phases == ["left to a person"] && world.state.outcome != nil)
    }

    @Test("where nothing served before, or what served was rejected, a member is left to a person")
    func noWayBack() {
        var world = SetWorld([("catalog", [], nil), ("shop", [], 1)])
        world.pass()
        for name in ["catalog", "shop"] { world.end(name, .succeeded) }
        world.seen[shop]?.refusalBefore = "image 1 was rejected: leaks"
        world.pass()
        world.goBack()
        #expect(world.pass().words.isEmpty)
        #expect(world.phases == ["left to a person", "left to a person"] && world.state.outcome != nil)
        #expect(world.decided.contains { $0.contains("leaks") })
    }

    @Test("a member whose image is rejected before it begins turns the set")
    func rejected() {
        var world = SetWorld.storefront
        world.pass()
        world.seen[shop]?.refusal = "image 2 was rejected: leaks"
        #expect(world.pass().words == ["abort catalog"])
        #expect(world.state.turn?.reason.contains("leaks") == true)
    }

    @Test("a set that succeeded is taken back in reverse order, and what has moved on since is left as it is")
    func rollback() {
        var world = through()
        let hasTurned = world.goBack()
        #expect(hasTurned && world.state.outcome == nil)
        world.personAsks(search, for: 9)
        #expect(world.pass().words == ["rollback shop 1"])
        world.end("shop", .succeeded)
        #expect(world.pass().words == ["rollback catalog 1"])
        world.end("catalog", .succeeded)
        world.pass()
        #expect(world.phases == ["returned", "returned", "left to a person"])
        let turnsAgain = world.goBack()
        #expect(!turnsAgain, "what has gone back does not go back again")
    }

    @Test("a member that somebody has taken back by hand is back")
    func takenBackByHand() {
        var world = through()
        world.personAsks(shop, for: 1)
        world.end("shop", .succeeded)
        world.goBack()
        #expect(world.pass().words == ["rollback search 1"])
        #expect(world.phase("shop") == "returned")
    }

    @Test("nothing begins while a command is on its way, nor before it was seen")
    func unseen() {
        var world = SetWorld.storefront
        world.seen[catalog]?.hasUntakenCommands = true
        #expect(world.pass().words.isEmpty)
        let observation = world.seen.removeValue(forKey: catalog)
        #expect(world.pass().words.isEmpty && world.phase("catalog") == "waiting")
        world.seen[catalog] = observation
        world.seen[catalog]?.hasUntakenCommands = false
        #expect(world.pass().words == ["deploy catalog 2"])
    }

    @Test("the state is the same after it was stored")
    func coding() throws {
        let world = halfWay()
        let again = try JSONDecoder().decode(ReleaseSetState.self, from: try JSONEncoder().encode(world.state))
        #expect(again == world.state)
    }
}
