import API
import Client
import IngotModel
import Rollout
import Simulation
import Testing

@testable import ControlPlane

@Suite("Release sets over a daemon that dies")
struct ReleaseSetDeathTests {
    private func fleet(_ name: String, _ release: Int) -> FleetID { FleetID(environment: Storefront.id(name), release: ReleaseNumber(release)) }

    @Test("a set goes through though the daemon dies after each step")
    func through() async throws {
        let rig = try ReleaseSetRig()
        try await rig.deployFirst()
        let accepted = try await rig.instant { try await $0.sets.accept(Storefront.set(), by: "user:root") }
        #expect(accepted.phases == ["waiting", "waiting", "waiting"])
        let status = try await rig.dyingAtEachStep(accepted.number)
        #expect(status.state == .succeeded && status.phases == ["succeeded", "succeeded", "succeeded"])
        try await rig.instant { life in
            #expect(await life.states().values.allSatisfy { $0 == ReleaseNumber(2) })
            for name in Storefront.names {
                let rollouts = try await life.store.rollouts(of: Storefront.id(name.name))
                #expect(rollouts.count == 2, "\(name) was moved once")
            }
            #expect(try await life.store.verifyEvents().isIntact)
        }
    }

    @Test("a set goes back though the daemon dies after each step, and every member serves what it served")
    func back() async throws {
        let rig = try ReleaseSetRig()
        try await rig.deployFirst()
        rig.host.withWorld { $0.setBehaviour(.neverHealthy, of: fleet("shop", 2)) }
        let accepted = try await rig.instant { try await $0.sets.accept(Storefront.set(), by: "user:root") }
        let status = try await rig.dyingAtEachStep(accepted.number)
        #expect(status.state == .returned && status.left.isEmpty, "\(status.steps)")
        #expect(status.phases == ["returned", "returned", "returned"] && status.reason?.hasPrefix("shop went back") == true)
        try await rig.instant { life in
            #expect(await life.states().values.allSatisfy { $0 == ReleaseNumber(1) })
            #expect(try await life.store.rollouts(of: Storefront.id("catalog")).map(\.kind) == ["rollback", "deploy", "deploy"])
            #expect(try await life.store.rollouts(of: Storefront.id("catalog")).map(\.requestedBy).first == "set:1")
            #expect(try await life.store.hold(of: imageDigest(2), in: Storefront.id("catalog"))?.contains("storefront") == true)
            #expect(try await life.store.hold(of: imageDigest(2), in: Storefront.id("shop")) != nil)
            let actions = try await life.store.events(after: nil, limit: 200).map(\.action)
            #expect(Set(actions).isSuperset(of: [.setStarted, .setStep, .setTurned, .setReturned]) && !actions.contains(.setSucceeded))
            #expect(try await life.store.verifyEvents().isIntact)
        }
    }

    @Test("the deadline fires when nothing at all happens")
    func deadline() async throws {
        let rig = try ReleaseSetRig()
        try await rig.deployFirst()
        let accepted = try await rig.instant { try await $0.sets.accept(Storefront.set(deadline: .seconds(5)), by: "user:root") }
        rig.host.advance(by: .seconds(6))
        let status = try await rig.dyingAtEachStep(accepted.number)
        #expect(status.state == .returned && status.phases == ["untouched", "untouched", "untouched"])
        #expect(status.reason == "it was not done after 5s")
    }

    @Test("a pass that was overtaken stores nothing")
    func overtaken() async throws {
        let rig = try ReleaseSetRig()
        try await rig.deployFirst()
        try await rig.instant { life in
            let accepted = try await life.sets.accept(Storefront.set(), by: "user:root")
            let before = try await life.sets.known(accepted.number)
            _ = await life.sets.look()
            let release = try await life.deployments.release(ReleaseNumber(1), of: Storefront.id("shop"))
            let request = RolloutRequest(kind: .deploy, release: release.number, acceptedAt: rig.host.clock.now)
            var change = ReleaseSetChange(before: before, after: before, at: rig.host.clock.now)
            change.requests = [(PendingRequest(request: request, actor: "set:1"), release)]
            let stale = change
            await #expect(throws: ControlError.self) { try await life.store.save(stale) }
            #expect(try await life.store.environment(Storefront.id("shop"))?.pending == nil)
        }
    }

    @Test("images of a set under way are kept, those of one that has ended are not")
    func pinned() async throws {
        let rig = try ReleaseSetRig()
        try await rig.deployFirst()
        try await rig.instant { life in
            #expect(try await life.store.imagesOfRunningReleaseSets().isEmpty)
            _ = try await life.sets.accept(Storefront.set(), by: "user:root")
            #expect(try await life.store.imagesOfRunningReleaseSets() == [imageDigest(1), imageDigest(2)])
        }
    }
}

@Suite("Release sets through the API")
struct ReleaseSetAPITests {
    /// A daemon whose storefront serves release 1.
    private func withStorefront(tests: [String] = [], _ body: @escaping @Sendable (DaemonRig, Client) async throws -> Void) async throws {
        let rig = try DaemonRig()
        try await rig.withDaemon { client in
            for name in Storefront.names { try await client.register(Storefront.service(name)) }
            for name in Storefront.names { _ = try await rig.deploy("1", to: Storefront.id(name.name)) }
            for name in Storefront.names where !tests.isEmpty && name.name != "catalog" {
                try await client.register(Storefront.service(name, tests: tests))
            }
            try await body(rig, client)
        }
    }

    private func end(_ rig: DaemonRig, _ client: Client, _ number: ReleaseSetNumber) async throws -> ReleaseSetStatus {
        try await rig.whileTimePasses {
            for try await status in client.live(number) where status.state.hasEnded { return status }
            throw NotComeAbout()
        }
    }

    @Test("a set moves its members in their order, sums up what its rollouts did, and is taken back whole")
    func wholeWay() async throws {
        try await withStorefront { rig, client in
            rig.host.withWorld { $0.load = SimulatedLoad(interval: 10, shortest: 2, longest: 20) }
            let plan = try await client.plan(Storefront.set())
            #expect(plan.waves.map { $0.map(\.service.name) } == [["catalog"], ["shop", "search"]])
            #expect(plan.waves.joined().allSatisfy { $0.plan.release == ReleaseNumber(2) && !$0.isKept })

            let accepted = try await client.deploy(Storefront.set())
            #expect(try await client.deploy(Storefront.set()).number == accepted.number, "asked twice is asked once")
            let member = try await client.status(of: Storefront.id("shop")).set
            #expect(member?.number == accepted.number && member?.awaiting.isEmpty == false)
            #expect(try await client.service(Storefront.names[1]).environments.first?.set?.number == accepted.number)

            let status = try await end(rig, client, accepted.number)
            #expect(status.state == .succeeded && status.requestedBy.hasPrefix("user:"))
            #expect(status.traffic.served > 0 && status.traffic.failed == 0)
            #expect(try await client.status(of: Storefront.id("shop")).set == nil)
            let catalog = try await client.rollouts(of: Storefront.id("catalog"))[0]
            let shop = try await client.rollouts(of: Storefront.id("shop"))[0]
            #expect(catalog.endedAt <= shop.acceptedAt && status.members.map(\.rollouts.count) == [1, 1, 1])

            let again = try await client.deploy(Storefront.set())
            let kept = try await end(rig, client, again.number)
            #expect(kept.phases == ["kept", "kept", "kept"] && kept.state == .succeeded)

            let code = await clientError { _ = try await client.order(.abort, set: accepted.number) }?.code
            #expect(code == "control.set-has-succeeded")
            _ = try await client.order(.rollback, set: accepted.number, reason: "wrong prices")
            let back = try await end(rig, client, accepted.number)
            #expect(back.state == .returned && back.left.isEmpty && back.reason?.hasSuffix("wrong prices") == true)
            for name in Storefront.names { #expect(try await client.status(of: Storefront.id(name.name)).serving?.number == ReleaseNumber(1)) }
            #expect((await clientError { _ = try await client.deploy("2", to: Storefront.id("shop"), isAutomatic: true) })?.code == "control.held")
            #expect(try await client.order(.rollback, set: accepted.number) == back, "asked again, nothing is done")
            #expect(try await client.releaseSets().map(\.number.value) == [2, 1])
            #expect(try await client.verifyEvents().isIntact)
        }
    }

    @Test("one refusal refuses the set, every member that was refused is named, and nothing has moved")
    func refused() async throws {
        try await withStorefront(tests: ["unit"]) { _, client in
            let error = await clientError { _ = try await client.deploy(Storefront.set(images: ["search": "banana"])) }
            #expect(error?.code == "control.set-refused" && error?.fault == .gate)
            let lines = error.map { ErrorReport($0).lines.joined(separator: "\n") } ?? ""
            #expect(lines.contains("2 of 3 members are refused"), "\(lines)")
            #expect(lines.contains("shop: ") && lines.contains("unit"), "\(lines)")
            #expect(lines.contains("search: no image is named 'banana'") && !lines.contains("catalog:"), "\(lines)")
            let sets = try await client.releaseSets()
            #expect(sets.isEmpty)
            #expect(try await client.releases(of: Storefront.id("catalog")).count == 1)
            #expect(try await client.status(of: Storefront.id("catalog")).rollout == nil)
            #expect(try await client.events().map(\.action).contains(.setRefused))
        }
    }

    @Test("what is no set, and what there is not, is the user's mistake")
    func mistakes() async throws {
        try await withStorefront { _, client in
            var cyclic = Storefront.set()
            cyclic.specification.members[0].after = [Storefront.names[1]]
            let asked = cyclic
            let error = await clientError { _ = try await client.deploy(asked) }
            #expect(error?.fault == .user && error?.message.contains("catalog waits for shop, which waits for catalog") == true)
            #expect((await clientError { _ = try await client.releaseSet(ReleaseSetNumber(7)) })?.code == "control.unknown-set")
        }
    }

    @Test("a member that moves, or that belongs to another set, is refused; an aborted set ends")
    func busy() async throws {
        try await withStorefront { rig, client in
            let accepted = try await client.deploy(Storefront.set("2"))
            let error = await clientError { _ = try await client.deploy(Storefront.set("3")) }
            #expect(error.map { ErrorReport($0).lines.joined() }?.contains("belongs to release set 1, storefront") == true)
            for _ in 0..<2 { _ = try await client.order(.abort, set: accepted.number, reason: "lunch") }
            let status = try await end(rig, client, accepted.number)
            #expect(status.state == .returned && status.left.isEmpty)
            _ = try await client.deploy("3", to: Storefront.id("shop"))
            let moving = await clientError { _ = try await client.deploy(Storefront.set("4")) }
            #expect(moving.map { ErrorReport($0).lines.joined() }?.contains("a rollout of shop/production is under way") == true)
        }
    }

    @Test("a person's deployment takes a member out of the set, and the set turns")
    func superseded() async throws {
        try await withStorefront { rig, client in
            let accepted = try await client.deploy(Storefront.set())
            let person = try await client.deploy("5", to: Storefront.id("search"))
            let status = try await end(rig, client, accepted.number)
            #expect(status.state == .returned && status.left.map(\.environment) == [Storefront.id("search")])
            #expect(try await rig.end(of: person).result == .succeeded)
            #expect(try await client.status(of: Storefront.id("catalog")).serving?.number == ReleaseNumber(1))
        }
    }
}
