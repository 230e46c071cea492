import ContainerRuntime
import Engine
import IngotModel
import SystemPackage
import Testing

@testable import LocalEngine

@Suite("What an instance is made of")
struct SpecificationTests {
    let folder = InstanceFolder(path: "/engine/instances/0badcafe", secrets: "/engine/secrets/0badcafe")
    let host = HostSettings(engine: Samples.engine, cgroup: .v2)
    let user = ContainerUser(uid: 1000, gid: 1000)

    private func container(
        _ image: ImageSettings = ImageSettings(command: ["/bin/app"]), _ specification: FleetSpecification = Samples.fleet(),
        user: ContainerUser? = nil
    ) throws -> InstanceContainer {
        try InstanceContainer(
            Samples.launch(specification), image: image, user: user ?? self.user, folder: folder, host: host,
            seccomp: SeccompProfile.load().filter(capabilities: []))
    }

    @Test("the command is the entry point and its arguments, or ingot.yaml's alone")
    func command() throws {
        #expect(try container(ImageSettings(entrypoint: ["/bin/app"], command: ["serve"])).arguments == ["/bin/app", "serve"])
        let own = Samples.fleet(run: Samples.run { $0.command = ["/bin/other"] })
        #expect(try container(ImageSettings(entrypoint: ["/bin/app"], command: ["serve"]), own).arguments == ["/bin/other"])
    }

    @Test("PORT is given unless the image or the configuration says another")
    func port() throws {
        #expect(try container().environment.contains("PORT=8080"))
        #expect(try container(ImageSettings(command: ["x"], environment: ["PORT=80"])).environment.contains("PORT=80"))
        var specification = Samples.fleet()
        specification.configuration = ["PORT": "90", "MODE": "a=b"]
        let environment = try container(ImageSettings(command: ["x"], environment: ["PORT=80"]), specification).environment
        #expect(environment.contains("PORT=90") && environment.contains("MODE=a=b") && !environment.contains("PORT=80"))
    }

    @Test("secrets are a read-only folder, and no folder when there are none")
    func secrets() throws {
        #expect(try !container().binds.contains { $0.destination == "/run/secrets" })
        var specification = Samples.fleet()
        specification.secretVersions = ["PASSWORD": Samples.image]
        let bind = try container(ImageSettings(command: ["x"]), specification).binds.first { $0.destination == "/run/secrets" }
        #expect(bind == BindMount(source: "/engine/secrets/0badcafe", destination: "/run/secrets", isReadOnly: true))
    }

    @Test("root is refused with what to write, unless it is allowed")
    func root() throws {
        #expect { try container(user: .root) } throws: { ($0 as? EngineError)?.remedy?.contains("root: allowed") == true }
        #expect(try container(ImageSettings(command: ["x"]), Samples.fleet(run: Samples.run { $0.allowsRoot = true }), user: .root).user == .root)
    }

    @Test("an image without a command, and a port that is none, are errors")
    func mistakes() {
        #expect { try container(ImageSettings()) } throws: { ($0 as? EngineError)?.code == "engine.command-missing" }
        #expect { try container(ImageSettings(command: ["x"]), Samples.fleet(run: Samples.run { $0.port = 0 })) } throws: {
            ($0 as? EngineError)?.code == "engine.port-impossible"
        }
    }

    @Test(
        "a stop signal is read by name or number, and SIGTERM is what is not understood",
        arguments: [
            (nil, 15), ("", 15), ("SIGQUIT", 3), ("quit", 3), ("9", 9), ("SIGRTMIN+3", 37), ("RTMIN", 34), ("SIGNONE", 15), ("900", 15),
        ] as [(String?, Int)])
    func stopSignal(text: String?, number: Int) { #expect(StopSignal.number(text) == number) }

    @Test(
        "an ending is told in words",
        arguments: [
            (
                ExitRecord(exitCode: 1, signal: nil, outOfMemory: false, startError: nil, endedAt: .init(millisecondsSince1970: 300)),
                "exit code 1 after 0.3s; last output: one | two"
            ),
            (
                ExitRecord(exitCode: 127, signal: nil, outOfMemory: false, startError: nil, endedAt: .init(millisecondsSince1970: 90_000)),
                "exit code 127 (a command that was not found) after 1m30s; last output: one | two"
            ),
            (
                ExitRecord(exitCode: nil, signal: 9, outOfMemory: true, startError: nil, endedAt: .init(millisecondsSince1970: 2_000)),
                "killed: it used all the memory it may have after 2.0s; last output: one | two"
            ),
            (
                ExitRecord(exitCode: nil, signal: nil, outOfMemory: false, startError: "no such file", endedAt: .init(millisecondsSince1970: 5)),
                "could not be started: no such file; last output: one | two"
            ),
        ])
    func words(record: ExitRecord, expected: String) {
        #expect(record.failure(startedAt: Timestamp(millisecondsSince1970: 0), lastLines: ["one", "two"]) == expected)
    }

    @Test("a process's start time is read behind its name, whatever that holds")
    func startTime() {
        let fields = (3...52).map(String.init).joined(separator: " ")
        #expect(ProcessIdentity.startTime(in: "1 (a) b) 22 (c) \(fields)") == 22)
        #expect(ProcessIdentity.startTime(in: "nonsense") == nil)
    }

    @Test("ended instances are forgotten beyond the newest of a fleet")
    func ended() {
        var ended = EndedInstances()
        let removed = (0..<15).flatMap { number in
            ended.add(
                InstanceIdentity(
                    id: InstanceID(random: UInt32(number)), engine: Samples.engine, address: "10.77.0.1", specification: Samples.fleet(),
                    generation: Generation(1), createdAt: Timestamp(millisecondsSince1970: 0)),
                .lost(at: Timestamp(millisecondsSince1970: number)))
        }
        #expect(removed == (0..<5).map { InstanceID(random: UInt32($0)) })
        #expect(ended.records.count == EngineLimits.endedPerFleet)
    }

    @Test(
        "an HTTP status line is ready from 200 to 399",
        arguments: [
            ("HTTP/1.1 200 OK\r\n", true), ("HTTP/1.0 302 Found", true), ("HTTP/1.1 404 Not Found", false), ("SSH-2.0", false), ("", false),
        ])
    func verdict(head: String, isReady: Bool) { #expect((ReadinessProbe.verdict(on: head) == nil) == isReady) }
}
