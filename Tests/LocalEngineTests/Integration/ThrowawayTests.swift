import Engine
import Glibc
import IngotModel
import Testing

@testable import LocalEngine

@Suite("Throwaway instances on real containers", .serialized)
struct ThrowawayTests {
    private func status(_ id: InstanceID, _ endpoint: Endpoint) -> InstanceStatus {
        InstanceStatus(
            id: id, endpoint: endpoint, readiness: Samples.run().readiness, startedAt: Timestamp(millisecondsSince1970: 0), isEnding: false)
    }

    @Test("what one writes to its root and its places in memory is on record, by when, and nothing else is")
    func writes() async throws {
        try await EngineMachine.with { machine, running in
            let script = "echo a > /tmp/at-start; echo b > /www/at-start; exec /bin/httpd -f -p 8080 -h /www"
            let run = Samples.run { ($0.command, $0.allowsRoot, $0.writable) = (["/bin/sh", "-c", script], true, ["/tmp", "/data"]) }
            let (id, endpoint) = try await running.engine.startThrowaway(
                machine.rootImage, of: machine.service, run: run, root: .scratch)
            let command = "echo c >> /tmp/at-start; mkdir -p /a/b; echo hello > /a/b/c; chmod 700 /bin/busybox; ln -s / /out; echo d > /data/d"
            #expect(await inside(status(id, endpoint), command).contains("=0\n"))
            let record = try await running.engine.writes(of: id)
            let paths = Dictionary(record.paths.map { ($0.path, $0) }, uniquingKeysWith: { first, _ in first })
            #expect(Set(paths.keys) == ["/tmp/at-start", "/www/at-start", "/a/b/c", "/bin/busybox", "/out", "/data/d"], "\(record.paths)")
            #expect(paths["/tmp/at-start"]?.moments == [.start, .service] && paths["/tmp/at-start"]?.place == .writable)
            #expect(paths["/www/at-start"]?.moments == [.start] && paths["/www/at-start"]?.place == .root)
            #expect(paths["/a/b/c"] == WriteRecord.Path(path: "/a/b/c", place: .root, kind: .file, bytes: 6, moments: [.service]))
            #expect(record.programs.contains { $0.command.contains("httpd") })
            try running.engine.endThrowaway(id)
            #expect(await eventually { (try? running.engine.endingOfThrowaway(id)) ?? nil != nil })
            await #expect(throws: EngineError.self) { _ = try await running.engine.writes(of: id) }
        }
    }

    @Test("one with a read-only root has no record, and says so")
    func notRecorded() async throws {
        try await EngineMachine.with { machine, running in
            let (id, _) = try await running.engine.startThrowaway(machine.image, of: machine.service, run: Samples.run())
            await #expect { _ = try await running.engine.writes(of: id) } throws: { ($0 as? EngineError)?.code == "engine.not-recorded" }
            try running.engine.endThrowaway(id)
        }
    }

    @Test("one reaches its peer by name at its port, and no other way is opened")
    func peers() async throws {
        try await EngineMachine.with { machine, running in
            let need = try await running.engine.startThrowaway(machine.image, of: machine.service, run: Samples.run { $0.egress = .none })
            let peer = try running.engine.peer(need.id, as: "redis")
            let one = try await running.engine.startThrowaway(machine.image, of: machine.service, run: Samples.run(), peers: [peer])
            let (service, redis) = (status(one.id, one.endpoint), status(need.id, need.endpoint))
            #expect(await inside(service, "timeout 2 nc redis 8080 </dev/null") == "=0\n")
            #expect(await inside(service, "timeout 1 nc redis 8081 </dev/null") != "=0\n")
            #expect(await inside(redis, "timeout 1 nc \(one.endpoint.address) 8080 </dev/null") != "=0\n")
            for id in [one.id, need.id] { try running.engine.endThrowaway(id) }
        }
    }

    @Test("one that stands still is not ready, is ready when it goes on, and not when it has ended")
    func frozen() async throws {
        try await EngineMachine.with { machine, running in
            let engine = running.engine
            let run = Samples.run { $0.readiness.timeout = 300 }
            let (id, _) = try await engine.startThrowaway(machine.image, of: machine.service, run: run)
            #expect(try await engine.hindrance(ofThrowaway: id) == nil)
            try engine.setFrozen(true, throwaway: id)
            #expect(try await engine.hindrance(ofThrowaway: id) != nil)
            try engine.setFrozen(false, throwaway: id)
            #expect(try await eventually { try await engine.hindrance(ofThrowaway: id) == nil })
            #expect(try engine.endingOfThrowaway(id) == nil)
            try engine.endThrowaway(id)
            #expect(await eventually { (try? engine.endingOfThrowaway(id)) ?? nil != nil })
            #expect(try await engine.hindrance(ofThrowaway: id) != nil)
        }
    }
}
