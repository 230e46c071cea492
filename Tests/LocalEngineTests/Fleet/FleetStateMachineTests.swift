import Engine
import IngotModel
import Testing

@testable import LocalEngine

extension FleetStateMachine {
    fileprivate static func sample(seed: UInt64 = 1, range: AddressRange = Samples.range) -> FleetStateMachine {
        FleetStateMachine(range: range, random: SeededGenerator(seed: seed))
    }
}

extension [EngineAction] {
    fileprivate var starts: [InstanceID] { compactMap { if case .start(let launch) = $0 { launch.id } else { nil } } }
    fileprivate var stops: [InstanceID] { compactMap { if case .stop(let id) = $0 { id } else { nil } } }
    fileprivate var kills: [InstanceID] { compactMap { if case .kill(let id) = $0 { id } else { nil } } }
}

private func at(_ milliseconds: Int) -> Moment {
    Moment(elapsed: .milliseconds(milliseconds), timestamp: Timestamp(millisecondsSince1970: milliseconds))
}

@Suite("Fleets")
struct FleetStateMachineTests {
    private static func first(_ ids: [InstanceID]) throws -> InstanceID { try #require(ids.first) }

    @Test("growing starts what is missing, and its endpoint is known at once")
    func growing() throws {
        var machine = FleetStateMachine.sample()
        #expect(try machine.resize(Samples.fleet(), to: 3, generation: Generation(1), at: at(0)).starts.count == 3)
        let status = try #require(machine.statuses(of: Samples.production).first)
        #expect(status.size == 3)
        #expect(Set(status.instances.map(\.endpoint)).count == 3)
        #expect(status.instances.allSatisfy { $0.endpoint.port == 8080 && !$0.isEnding })
    }

    @Test("asking again changes nothing")
    func idempotent() throws {
        var machine = FleetStateMachine.sample()
        _ = try machine.resize(Samples.fleet(), to: 2, generation: Generation(1), at: at(0))
        #expect(try machine.resize(Samples.fleet(), to: 2, generation: Generation(1), at: at(1)).isEmpty)
    }

    @Test("shrinking ends those that do not run yet first, then the youngest")
    func shrinking() throws {
        var machine = FleetStateMachine.sample()
        let ids = try machine.resize(Samples.fleet(), to: 4, generation: Generation(1), at: at(0)).starts
        for id in [ids[0], ids[1], ids[3]] { _ = machine.instanceRuns(id, at: at(1)) }
        #expect(try machine.resize(Samples.fleet(), to: 2, generation: Generation(2), at: at(2)).stops == [ids[3]])
        let ending = try #require(machine.statuses(of: Samples.production).first).instances.filter(\.isEnding).map(\.id)
        #expect(Set(ending) == [ids[2], ids[3]])
    }

    @Test("one that was told to end while it started is told when it runs")
    func endedWhileStarting() throws {
        var machine = FleetStateMachine.sample()
        let id = try Self.first(try machine.resize(Samples.fleet(), to: 1, generation: Generation(1), at: at(0)).starts)
        #expect(try machine.resize(Samples.fleet(), to: 0, generation: Generation(2), at: at(1)).isEmpty)
        #expect(!machine.isWanted(id))
        #expect(machine.instanceRuns(id, at: at(2)) == [.stop(id)])
        #expect(machine.instanceEnded(id, how: "exit code 0", at: at(3)).isEmpty)
        #expect(machine.fleets.isEmpty && machine.instances.isEmpty && machine.addresses.used.isEmpty)
    }

    @Test("an older generation is refused, for the whole environment")
    func stale() throws {
        var machine = FleetStateMachine.sample()
        _ = try machine.resize(Samples.fleet(2), to: 1, generation: Generation(5), at: at(0))
        #expect { try machine.resize(Samples.fleet(1), to: 9, generation: Generation(4), at: at(1)) } throws: {
            ($0 as? EngineError)?.code == EngineError.staleGenerationCode
        }
        #expect(machine.instances.count == 1)
    }

    @Test("sizes that can't be are refused", arguments: [-1, EngineLimits.instances + 1, Int.max, Int.min])
    func impossible(size: Int) {
        var machine = FleetStateMachine.sample()
        #expect(throws: EngineError.self) { try machine.resize(Samples.fleet(), to: size, generation: Generation(1), at: at(0)) }
    }

    @Test("the first replacement comes at once, then after 1 s, 2 s, 4 s, up to 30 s")
    func backoff() throws {
        var machine = FleetStateMachine.sample()
        var now = 0
        var id = try Self.first(try machine.resize(Samples.fleet(), to: 1, generation: Generation(1), at: at(now)).starts)
        for pause in [0, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000] {
            _ = machine.instanceRuns(id, at: at(now))
            var actions = machine.instanceEnded(id, how: "exit code 1", at: at(now))
            if pause > 0 {
                #expect(actions.isEmpty)
                #expect(machine.nextDeadline == .milliseconds(now + pause))
                #expect(machine.timePassed(at(now + pause - 1)).isEmpty)
                now += pause
                actions = machine.timePassed(at(now))
            }
            id = try #require(actions.starts.first)
        }
        #expect(machine.status(of: Samples.fleet().fleet)?.failures == 8)
        #expect(machine.status(of: Samples.fleet().fleet)?.lastFailure == "exit code 1")
    }

    @Test("several that die together are all replaced at once, and count as one step of the pause")
    func together() throws {
        var machine = FleetStateMachine.sample()
        let ids = try machine.resize(Samples.fleet(), to: 4, generation: Generation(1), at: at(0)).starts
        let replaced = ids.flatMap { machine.instanceEnded($0, how: "gone", at: at(1)).starts }
        #expect(replaced.count == 4)
        #expect(replaced.flatMap { machine.instanceEnded($0, how: "gone", at: at(2)) }.isEmpty)
        #expect(machine.timePassed(at(1_002)).starts.count == 4)
    }

    @Test("a long life makes the pause begin from nothing")
    func stable() throws {
        var machine = FleetStateMachine.sample()
        var id = try Self.first(try machine.resize(Samples.fleet(), to: 1, generation: Generation(1), at: at(0)).starts)
        id = try Self.first(machine.instanceEnded(id, how: "x", at: at(0)).starts)
        _ = machine.instanceRuns(id, at: at(0))
        #expect(machine.instanceEnded(id, how: "x", at: at(60_000)).starts.count == 1)
    }

    @Test("the end of one that was told to is no failure")
    func noFailure() throws {
        var machine = FleetStateMachine.sample()
        let ids = try machine.resize(Samples.fleet(), to: 2, generation: Generation(1), at: at(0)).starts
        for id in ids { _ = machine.instanceRuns(id, at: at(0)) }
        let stopped = try Self.first(try machine.resize(Samples.fleet(), to: 1, generation: Generation(1), at: at(1)).stops)
        _ = machine.instanceEnded(stopped, how: "ended by SIGTERM", at: at(2))
        #expect(machine.status(of: Samples.fleet().fleet)?.failures == 0)
    }

    @Test("a supervisor that does not end its instance in time is ended by force, once")
    func force() throws {
        var machine = FleetStateMachine.sample()
        let id = try Self.first(try machine.resize(Samples.fleet(), to: 1, generation: Generation(1), at: at(0)).starts)
        _ = machine.instanceRuns(id, at: at(0))
        _ = try machine.resize(Samples.fleet(), to: 0, generation: Generation(1), at: at(0))
        #expect(machine.nextDeadline == .seconds(7))
        #expect(machine.timePassed(at(6_999)).kills.isEmpty)
        #expect(machine.timePassed(at(7_000)).kills == [id])
        #expect(machine.timePassed(at(8_000)).kills.isEmpty)
    }

    @Test("what keeps the engine from starting is told, tried again, and forgotten once one runs")
    func startError() throws {
        var machine = FleetStateMachine.sample()
        let id = try Self.first(try machine.resize(Samples.fleet(), to: 1, generation: Generation(1), at: at(0)).starts)
        let next = try Self.first(machine.instanceDidNotStart(id, because: "no image", at: at(1)).starts)
        #expect(machine.status(of: Samples.fleet().fleet)?.startError == "no image")
        #expect(machine.status(of: Samples.fleet().fleet)?.failures == 0)
        _ = machine.instanceRuns(next, at: at(2))
        #expect(machine.status(of: Samples.fleet().fleet)?.startError == nil)
    }

    @Test("without a free address nothing starts, and the reason stands in the status")
    func noAddress() throws {
        var machine = FleetStateMachine.sample(range: try #require(AddressRange(text: "10.77.0.0/30")))
        let ids = try machine.resize(Samples.fleet(), to: 3, generation: Generation(1), at: at(0)).starts
        #expect(ids.count == 2)
        #expect(machine.status(of: Samples.fleet().fleet)?.startError?.contains("10.77.0.0/30") == true)
    }

    @Test("adopted instances make their fleet, its size, its generation and their addresses")
    func adoption() throws {
        var machine = FleetStateMachine.sample()
        for number in 1...3 {
            machine.adopt(
                Adoption(
                    id: InstanceID(random: UInt32(number)), address: try #require(IPv4Address("10.77.0.\(number)")),
                    specification: Samples.fleet(), generation: Generation(4), startedAt: at(0).timestamp, isEnding: number == 3), at: at(0))
        }
        let status = try #require(machine.statuses(of: Samples.production).first)
        #expect(status.size == 2 && status.instances.count == 3)
        #expect(throws: EngineError.self) { try machine.resize(Samples.fleet(), to: 1, generation: Generation(3), at: at(1)) }
        #expect(machine.instanceEnded(InstanceID(random: 3), how: "x", at: at(1)).isEmpty)
        let started = try machine.resize(Samples.fleet(), to: 3, generation: Generation(4), at: at(1))
        guard case .start(let launch) = started.first else { Issue.record("nothing started"); return }
        #expect(launch.address.description == "10.77.0.4")
    }

    @Test("a throwaway instance is not replaced, its end is told, and it ends in any case")
    func throwaway() throws {
        var machine = FleetStateMachine.sample()
        let dead = try Self.first(machine.startThrowaway(Samples.fleet(1), lifetime: .seconds(9), at: at(0)).starts)
        #expect(machine.instanceEnded(dead, how: "exit code 2", at: at(1)).isEmpty)
        #expect(machine.status(of: Samples.fleet(1).fleet)?.lastFailure == "exit code 2")
        _ = machine.endThrowaway(Samples.fleet(1).fleet, at: at(2))
        #expect(machine.fleets.isEmpty)
        let alive = try Self.first(machine.startThrowaway(Samples.fleet(2), lifetime: .seconds(9), at: at(2)).starts)
        _ = machine.instanceRuns(alive, at: at(3))
        #expect(machine.nextDeadline == .milliseconds(9_002))
        #expect(machine.timePassed(at(9_002)).stops == [alive])
    }

    @Test("whatever happens: never more than the size, nothing during a pause, no address twice", arguments: 0..<60)
    func properties(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var machine = FleetStateMachine.sample(seed: seed, range: try #require(AddressRange(text: "10.77.0.0/28")))
        var now = 0
        for _ in 0..<400 {
            now += Int.random(in: 0...900, using: &random)
            let before = machine
            let actions = try Self.happen(&machine, now, &random)
            for fleet in machine.fleets {
                let members = machine.instances.values.filter { $0.launch.fleet == fleet.key }
                #expect(members.count { !$0.isEnding } <= fleet.value.size)
                #expect(fleet.value.failures >= (before.fleets[fleet.key]?.failures ?? 0) || before.fleets[fleet.key] == nil)
            }
            for action in actions {
                guard case .start(let launch) = action else { continue }
                let pause = machine.fleets[launch.fleet]?.backoff.notBefore ?? .zero
                // Running out of addresses while starting several is a pause that begins with this very event.
                #expect(pause <= .milliseconds(now) || machine.addresses.used.count == machine.addresses.capacity)
            }
            let addresses = machine.instances.values.map(\.launch.address)
            #expect(Set(addresses).count == addresses.count && machine.addresses.used == Set(addresses))
            #expect(machine.instances.values.allSatisfy { machine.fleets[$0.launch.fleet] != nil })
            #expect(machine.nextDeadline == Self.nextDeadline(byLookingAtAll: machine))
            #expect(machine.statuses(of: Samples.production).map(\.fleet) == machine.fleets.keys.sorted())
            for status in machine.statuses(of: Samples.production) {
                let members = machine.instances.values.filter { $0.launch.fleet == status.fleet }.sorted { $0.order < $1.order }
                #expect(status.instances.map(\.id) == members.map(\.launch.id))
            }
        }
        Self.settle(&machine, now)
    }

    private static func nextDeadline(byLookingAtAll machine: FleetStateMachine) -> Duration? {
        let pauses = machine.fleets.filter { id, fleet in
            machine.instances.values.count { $0.launch.fleet == id && !$0.isEnding } < fleet.size
        }.map(\.value.backoff.notBefore)
        let ends = machine.instances.values.compactMap { if case .ending(let deadline) = $0.phase { deadline } else { nil } }
        return (pauses + machine.fleets.values.compactMap(\.throwawayUntil) + ends).min()
    }

    @Test("time that passes for one fleet is no event of any other environment")
    func dueEnvironments() throws {
        var machine = FleetStateMachine.sample()
        let environments = (0..<50).map { number in
            EnvironmentID(service: Samples.service, environment: EnvironmentName(uncheckedName: "pr-\(number)"))
        }
        for environment in environments {
            let ids = try machine.resize(Samples.fleet(of: environment), to: 2, generation: Generation(1), at: at(0)).starts
            for id in ids { _ = machine.instanceRuns(id, at: at(1)) }
        }
        #expect(machine.nextDeadline == nil && machine.environmentsDue(at(1_000_000)).isEmpty)
        let unlucky = environments[7]
        for moment in [2, 3] {
            let id = try Self.first(machine.statuses(of: unlucky).flatMap(\.instances).filter { !$0.isEnding }.map(\.id))
            _ = machine.instanceEnded(id, how: "exit code 1", at: at(moment))
        }
        for id in machine.statuses(of: unlucky).flatMap(\.instances).map(\.id) { _ = machine.instanceEnded(id, how: "exit code 1", at: at(4)) }
        let deadline = try #require(machine.nextDeadline)
        #expect(machine.environmentsDue(Moment(elapsed: deadline, timestamp: at(0).timestamp)) == [unlucky])
    }

    private static func happen(_ machine: inout FleetStateMachine, _ now: Int, _ random: inout SeededGenerator) throws -> [EngineAction] {
        let ids = machine.instances.keys.sorted()
        switch Int.random(in: 0..<10, using: &random) {
        case 0...2:
            let fleet = Samples.fleet(Int.random(in: 1...3, using: &random))
            return try machine.resize(fleet, to: Int.random(in: 0...6, using: &random), generation: Generation(1), at: at(now))
        case 3...5: return ids.randomElement(using: &random).map { machine.instanceRuns($0, at: at(now)) } ?? []
        case 6, 7: return ids.randomElement(using: &random).map { machine.instanceEnded($0, how: "x", at: at(now)) } ?? []
        case 8: return ids.randomElement(using: &random).map { machine.instanceDidNotStart($0, because: "x", at: at(now)) } ?? []
        default: return machine.timePassed(at(now))
        }
    }

    /// From any state, when nothing more dies and time passes, every fleet gets as large as it is to be and room allows.
    private static func settle(_ machine: inout FleetStateMachine, _ now: Int) {
        for id in machine.instances.values.filter(\.isEnding).map(\.launch.id) { _ = machine.instanceEnded(id, how: "x", at: at(now)) }
        for step in 1...4 { _ = machine.timePassed(at(now + step * 40_000)) }
        let wanted = machine.fleets.values.reduce(0) { $0 + $1.size }
        #expect(machine.instances.count == min(wanted, machine.addresses.capacity))
    }
}
