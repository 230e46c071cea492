import CNFTables
import ContainerRuntime
import Engine
import Glibc
import ImageStore
import IngotModel
import NIOCore
import NIOPosix
import SystemPackage
import Testing

@testable import LocalEngine

@Suite("The local engine on real containers", .serialized)
struct LocalEngineTests {
    @Test("instances are started, answer, are listed, print, and end within their grace with nothing left")
    func wholeLife() async throws {
        try await EngineMachine.with { machine, running in
            let fleet = machine.fleet()
            let instances = try await running.running(fleet, count: 3)
            #expect(Set(instances.map(\.endpoint.address)).count == 3)
            let records = running.engine.instances()
            #expect(records.count == 3 && records.allSatisfy { $0.state == .running && $0.processID != nil })
            #expect(records.allSatisfy { $0.rootProtection == "rehashed-file" || $0.rootProtection == "fs-verity" })

            try await running.resize(fleet, to: 0, generation: 2)
            #expect(try await eventually { try await running.status(fleet) == nil })
            let ended = running.engine.instances()
            #expect(ended.count == 3 && ended.allSatisfy { $0.state == .ended })
            for instance in instances {
                #expect(ControlGroup.instance(instance.id.text).processes().isEmpty)
                #expect(access("/sys/class/net/ig\(instance.id)", F_OK) != 0)
            }
        }
    }

    @Test("the endpoint is announced before the container runs")
    func announced() async throws {
        try await EngineMachine.with { machine, running in
            let changes = running.engine.changes()
            try await running.resize(machine.fleet(), to: 1)
            let first = await changes.first { _ in true }
            #expect(first == machine.environment)
            #expect(try await running.status(machine.fleet())?.instances.count == 1)
        }
    }

    @Test("an instance is not root, sees its files, and can write only where it may, and execute nothing there")
    func confinement() async throws {
        try await EngineMachine.with { machine, running in
            var fleet = machine.fleet(run: Samples.run { $0.writable = ["/tmp", "/data/cache"] })
            fleet.secretVersions = ["PASSWORD": Samples.image]
            fleet.configuration = ["MODE": "testing"]
            let instance = try #require(try await running.running(fleet, count: 1).first)
            #expect(await inside(instance, "id -u; id -g") == "1000\n1000\n=0\n")
            #expect(await inside(instance, "echo $MODE $PORT") == "testing 8080\n=0\n")
            #expect(await inside(instance, "cat /run/secrets/PASSWORD") == "the secret=0\n")
            #expect(await inside(instance, "echo x > /run/secrets/PASSWORD").hasSuffix("=1\n"))
            #expect(await inside(instance, "touch /www/x").contains("Read-only file system"))
            #expect(await inside(instance, "touch /etc/hosts").hasSuffix("=1\n"))
            #expect(await inside(instance, "cp /bin/busybox /data/cache/echo && /data/cache/echo a").contains("Permission denied"))
            #expect(await inside(instance, "cat /etc/hostname") == "\(machine.service)-\(instance.id)\n=0\n")
            #expect(await inside(instance, "cat /proc/self/status").contains("NoNewPrivs:\t1"))
            #expect(await inside(instance, "cat /proc/self/status").contains("CapEff:\t0000000000000000"))
            #expect(await inside(instance, "cat /proc/self/status").contains("Seccomp:\t2"))
        }
    }

    @Test("an instance reaches neither this machine nor another instance, unless it is said")
    func isolation() async throws {
        try await EngineMachine.with { machine, running in
            let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .childChannelInitializer { $0.close() }.bind(host: "0.0.0.0", port: 0).get()
            let port = try #require(listener.localAddress?.port)
            let gateway = "169.254.1.1"
            let closed = try await running.running(machine.fleet(1), count: 2)
            let open = try #require(
                try await running.running(machine.fleet(2, run: Samples.run { $0.egress = .only(["\(gateway):\(port)"]) }), count: 1).first)
            let other = closed[1].endpoint.address
            #expect(await inside(closed[0], "timeout 1 nc \(gateway) \(port) </dev/null") != "=0\n")
            #expect(await inside(closed[0], "timeout 1 nc \(other) 8080 </dev/null") != "=0\n")
            #expect(await inside(open, "timeout 1 nc \(gateway) \(port) </dev/null") == "=0\n")
            #expect(await inside(open, "timeout 1 nc \(gateway) \(port == 22 ? 23 : 22) </dev/null") != "=0\n")
            #expect(await inside(open, "timeout 1 nc \(other) 8080 </dev/null") != "=0\n")
            try await listener.close()
        }
    }

    @Test("one that dies is replaced, its end is told with its last words")
    func replacing() async throws {
        try await EngineMachine.with { machine, running in
            let fleet = machine.fleet(run: Samples.run { $0.command = ["/bin/sh", "-c", "echo farewell; exit 3"] })
            try await running.resize(fleet, to: 1)
            #expect(try await eventually { try await running.status(fleet)?.failures ?? 0 >= 2 })
            let failure = try #require(try await running.status(fleet)?.lastFailure)
            #expect(failure.hasPrefix("exit code 3 after ") && failure.hasSuffix("last output: farewell"))
            let dead = try #require(running.engine.instances().last { $0.state == .ended })
            #expect(dead.ending == "exit code 3")
            let lines = await running.engine.logs(of: dead.id).reduce(into: []) { $0.append($1.line) }
            #expect(lines == ["farewell"])
        }
    }

    @Test("one that is killed is replaced at once by another on another address")
    func killed() async throws {
        try await EngineMachine.with { machine, running in
            let fleet = machine.fleet()
            let first = try #require(try await running.running(fleet, count: 1).first)
            let pid = try #require(try running.engine.instance(first.id).processID)
            kill(pid_t(pid), SIGKILL)
            #expect(
                try await eventually {
                    guard let next = try await running.status(fleet)?.instances.first, next.id != first.id else { return false }
                    return await get(next.endpoint, "/") == "hello"
                })
            #expect(try await running.status(fleet)?.lastFailure?.hasPrefix("ended by SIGKILL") == true)
        }
    }

    @Test("a killed supervisor's container is ended, counted and replaced")
    func supervisorKilled() async throws {
        try await EngineMachine.with { machine, running in
            let fleet = machine.fleet()
            let first = try #require(try await running.running(fleet, count: 1).first)
            let state = try #require(InstanceReading.state(running.engine.folder.instance(first.id)))
            kill(state.supervisorPID, SIGKILL)
            #expect(try await eventually { try await running.status(fleet)?.failures == 1 })
            #expect(await eventually { hasEnded(state) })
            #expect(try await eventually { try await running.status(fleet)?.instances.first?.id != first.id })
        }
    }

    @Test("a new engine takes up what runs; the processes are the same, and it goes on from there")
    func adoption() async throws {
        try await EngineMachine.with { machine, running in
            let fleet = machine.fleet()
            let before = try await running.running(fleet, count: 2)
            let pids = Set(running.engine.instances().compactMap(\.processID))
            await running.die()

            let next = try machine.start()
            let status = try #require(try await next.status(fleet))
            #expect(status.size == 2 && Set(status.instances.map(\.id)) == Set(before.map(\.id)))
            #expect(Set(next.engine.instances().compactMap(\.processID)) == pids)
            #expect(next.engine.addressRange == running.engine.addressRange)
            #expect(next.engine.orphans.isEmpty)
            for instance in before { #expect(await get(instance.endpoint, "/") == "hello") }
            #expect(await inside(before[0], "timeout 1 nc \(before[1].endpoint.address) 8080 </dev/null") != "=0\n")
            try await next.resize(fleet, to: 1, generation: 1)
            #expect(try await eventually { try await next.status(fleet)?.instances.count == 1 })
            try await next.resize(fleet, to: 0)
            #expect(try await eventually { try await next.status(fleet) == nil })
            next.task.cancel()
        }
    }

    @Test("what nobody owns is ended and told, another engine's instances are left alone")
    func orphans() async throws {
        try await EngineMachine.with { machine, running in
            let fleet = machine.fleet()
            let lost = try await running.running(fleet, count: 2)
            await running.die()
            let folders = lost.map { running.engine.folder.instance($0.id) }
            let states = try folders.map { try #require(InstanceReading.state($0)) }
            // One supervisor is killed, the other's instance loses its record.
            kill(states[0].supervisorPID, SIGKILL)
            SystemFile.removeTree(folders[1].identity)
            #expect(
                await eventually {
                    ProcessIdentity.isZombie(states[0].supervisorPID) || ProcessIdentity.startTime(of: states[0].supervisorPID) == nil
                })

            try await EngineMachine.with { other, neighbour in
                let theirs = try await neighbour.running(other.fleet(), count: 1)
                let next = try machine.start()
                #expect(Set(next.engine.orphans.compactMap(\.id)) == Set(lost.map(\.id)))
                for state in states { #expect(await eventually { hasEnded(state) }) }
                #expect(try await next.engine.allFleets().isEmpty)
                #expect(await get(theirs[0].endpoint, "/") == "hello")
                next.task.cancel()
            }
        }
    }

    @Test("one that ignores the stop signal is killed after its grace")
    func stubborn() async throws {
        try await EngineMachine.with { machine, running in
            let command = ["/bin/sh", "-c", "trap '' TERM; echo deaf; while true; do /bin/sleep 1; done"]
            let fleet = machine.fleet(run: Samples.run { ($0.command, $0.stopGrace) = (command, 300) })
            let logs = running.engine.logs(of: machine.environment, follow: true)
            try await running.resize(fleet, to: 1)
            // Before it ignores the signal, the signal would be lost, and the instance killed at once.
            #expect(await logs.first { _ in true }?.line == "deaf")
            let begin = ContinuousClock.now
            try await running.resize(fleet, to: 0)
            #expect(try await eventually { try await running.status(fleet) == nil })
            #expect(ContinuousClock.now - begin >= .milliseconds(300))
            #expect(running.engine.instances().first?.ending == "ended by SIGKILL")
        }
    }

    @Test("what can't be started is told with what to do", arguments: ["missing", "root", "command"])
    func impossible(what: String) async throws {
        try await EngineMachine.with { machine, running in
            let fleet =
                switch what {
                case "missing": machine.fleet(image: Samples.image)
                case "root": machine.fleet(image: machine.rootImage)
                default: machine.fleet(run: Samples.run { $0.command = ["/bin/nothing"] })
                }
            try await running.resize(fleet, to: 1)
            #expect(
                try await eventually {
                    let status = try await running.status(fleet)
                    return status?.startError != nil || status?.lastFailure != nil
                })
            let status = try #require(try await running.status(fleet))
            let text = status.startError ?? status.lastFailure ?? ""
            let expected = ["missing": "can't be used from the store", "root": "root: allowed", "command": "could not be started"]
            #expect(text.contains(try #require(expected[what])), "\(text)")
            try await running.resize(fleet, to: 0)
            #expect(try await eventually { try await running.status(fleet) == nil })
        }
    }

    @Test("an image of root runs where it is allowed, and still can't write to its root")
    func allowedRoot() async throws {
        try await EngineMachine.with { machine, running in
            let fleet = machine.fleet(run: Samples.run { $0.allowsRoot = true }, image: machine.rootImage)
            let instance = try #require(try await running.running(fleet, count: 1).first)
            #expect(await inside(instance, "id -u") == "0\n=0\n")
            #expect(await inside(instance, "touch /x").contains("Read-only file system"))
        }
    }

    @Test("a throwaway instance is ready when it is given, in no environment, and gone when it is ended")
    func throwaway() async throws {
        try await EngineMachine.with { machine, running in
            let (id, endpoint) = try await running.engine.startThrowaway(machine.image, of: machine.service, run: Samples.run())
            #expect(await get(endpoint, "/") == "hello")
            #expect(try await running.engine.allFleets().isEmpty)
            #expect(try await running.engine.fleets(of: machine.environment).isEmpty)
            try running.engine.endThrowaway(id)
            #expect(await eventually { running.engine.instances().first { $0.id == id }?.state == .ended })
            #expect(throws: EngineError.self) { try running.engine.endThrowaway(id) }
        }
    }

    @Test("a throwaway instance that dies says how")
    func throwawayDies() async throws {
        try await EngineMachine.with { machine, running in
            let run = Samples.run { $0.command = ["/bin/sh", "-c", "echo no database; exit 4"] }
            await #expect {
                _ = try await running.engine.startThrowaway(machine.image, of: machine.service, run: run)
            } throws: { error in
                (error as? EngineError)?.message.contains("exit code 4") == true && (error as? EngineError)?.message.contains("no database") == true
            }
        }
    }

    @Test("logs are followed from before the instance has a folder")
    func followingEarly() async throws {
        try await EngineMachine.with { machine, running in
            await running.die()
            let engine = try machine.engine()
            let fleet = machine.fleet(run: Samples.run { $0.command = ["/bin/sh", "-c", "echo one; exec sleep 100"] })
            try await engine.resize(fleet, to: 1, generation: Generation(1))
            let id = try #require(try await engine.fleets(of: machine.environment).first?.instances.first?.id)
            let line = Task { await engine.logs(of: id, follow: true).first { _ in true }?.line }
            // Nothing carries out what was decided until here.
            let next = RunningEngine(engine)
            #expect(await line.value == "one")
            try await next.resize(fleet, to: 0)
            #expect(try await eventually { try await next.status(fleet) == nil })
            next.task.cancel()
        }
    }

    @Test("logs of an environment are followed over instances that come later")
    func following() async throws {
        try await EngineMachine.with { machine, running in
            let run = Samples.run { $0.command = ["/bin/sh", "-c", "echo one; echo two >&2; exec sleep 100"] }
            let logs = running.engine.logs(of: machine.environment, follow: true)
            try await running.resize(machine.fleet(run: run), to: 2)
            let lines = await logs.prefix(4).reduce(into: [LogRecord]()) { $0.append($1) }
            #expect(lines.map(\.line).sorted() == ["one", "one", "two", "two"])
            #expect(lines.allSatisfy { $0.line == "two" ? $0.stream == .stderr : $0.stream == .stdout })
            try await running.resize(machine.fleet(run: run), to: 0)
        }
    }
}

/// Whether a container's first process is gone, or waits to be reaped by the system.
private func hasEnded(_ state: SupervisorState) -> Bool {
    ProcessIdentity.startTime(of: state.initPID) != state.initStartTime || ProcessIdentity.isZombie(state.initPID)
}
