import ContainerRuntime
import Engine
import Foundation
import Glibc
import ImageStore
import IngotModel
import Logging
import NIOCore
import NIOPosix
import Synchronization
import SystemPackage
import Testing

@testable import LocalEngine

/// A real engine with a store, an image of busybox's web server, and a root of its own; all of it is removed at the end.
///
/// The image answers `/` with `hello` and runs what is asked of `/cgi-bin/run?COMMAND` inside the instance.
final class EngineMachine: Sendable {
    let root: FilePath
    let store: ImageStore
    let runtime: OCIRuntime
    let image: Digest
    /// The same, to run as root.
    let rootImage: Digest
    let service: ServiceName
    let environment: EnvironmentID
    let permission = Permission()

    /// Lets everything start, until it is told otherwise.
    final class Permission: StartPermission {
        private let refusal = Mutex<EngineError?>(nil)
        private let asked = Mutex<[FleetID]>([])

        func refuse(_ why: String?) {
            refusal.withLock { $0 = why.map { EngineError(code: "test.refused", message: $0, remedy: "sign it", fault: .gate) } }
        }
        var count: Int { asked.withLock { $0.count } }

        func check(_ image: Digest, of fleet: FleetID) async throws {
            asked.withLock { $0.append(fleet) }
            if let refusal = refusal.withLock({ $0 }) { throw refusal }
        }
    }

    struct Values: SecretSource {
        func value(of digest: Digest) throws -> [UInt8] { Array("the secret".utf8) }
    }

    /// Makes everything, gives it to the test with a running engine, and removes it, whatever comes.
    static func with(
        addressRange: AddressRange? = nil, _ body: (EngineMachine, RunningEngine) async throws -> Void
    ) async throws {
        let machine = try await EngineMachine()
        var engine: RunningEngine?
        do {
            engine = try machine.start(addressRange: addressRange)
            try await body(machine, try #require(engine))
        } catch {
            await machine.remove(engine)
            throw error
        }
        await machine.remove(engine)
    }

    private init() async throws {
        let word = String(UInt64.random(in: 0...UInt64.max), radix: 36)
        root = FilePath("/tmp/ingot-engine-\(word)")
        mkdir(root.string, 0o711)
        store = try ImageStore(root: root)
        runtime = try await OCIRuntime.detect()
        service = try #require(ServiceName("s\(word.prefix(10))"))
        environment = EnvironmentID(service: service, environment: EnvironmentName(uncheckedName: "production"))
        let layer = try store.addLayer(Self.tree())
        image = try store.addImage(Self.configuration(user: "web"), layers: [layer]).digest
        rootImage = try store.addImage(Self.configuration(user: ""), layers: [layer]).digest
    }

    /// An engine on the same folder as all before it.
    func start(addressRange: AddressRange? = nil) throws -> RunningEngine { RunningEngine(try engine(addressRange: addressRange)) }

    /// The same, which decides but carries nothing out.
    func engine(addressRange: AddressRange? = nil) throws -> LocalEngine {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try LocalEngine(
            folder: root.appending("engine"), store: store, runtime: runtime, supervisor: FilePath(try BuiltProduct.path("ingot-supervisor")),
            secrets: Values(), starts: permission, addressRange: addressRange, logger: logger)
    }

    private func remove(_ running: RunningEngine?) async {
        let engine = running?.engine ?? (try? start().engine)
        running?.task.cancel()
        await engine?.removeEverything()
        if let engine {
            #expect(throws: EngineError.self) { try engine.netfilter.runAndWait("list table inet \(engine.firewall.table)") }
        }
        // The last supervisor's namespace may hold a layer for a moment longer.
        let root = root
        let isGone = await eventually {
            try? self.store.unmountAll()
            SystemFile.removeTree(root)
            return !SystemFile.exists(root)
        }
        #expect(isGone, "\(root) can't be removed")
    }

    func fleet(_ release: Int = 1, run: RunSettings = Samples.run(), image: Digest? = nil) -> FleetSpecification {
        var specification = Samples.fleet(release, of: environment, run: run)
        specification.image = image ?? self.image
        return specification
    }

    private static func tree() throws -> FileTree {
        var tree = FileTree()
        let executable = FileMetadata(mode: 0o755)
        let plain = FileMetadata(mode: 0o644)
        try tree.insert(.regular(try FileContent(file: "/bin/busybox"), executable), at: TreePath("bin/busybox"))
        for name in ["sh", "httpd", "nc", "cat", "touch", "id", "sleep", "echo", "chmod", "cp", "ls", "hostname", "timeout", "mkdir", "ln"] {
            try tree.insert(.symbolicLink(to: "busybox"), at: TreePath("bin/\(name)"))
        }
        try tree.insert(.regular(FileContent(text: "root:x:0:0::/:/bin/sh\nweb:x:1000:1000::/:/bin/sh\n"), plain), at: TreePath("etc/passwd"))
        try tree.insert(.regular(FileContent(text: "web:x:1000:\n"), plain), at: TreePath("etc/group"))
        try tree.insert(.regular(FileContent(text: "hello"), plain), at: TreePath("www/index.html"))
        let script = "#!/bin/sh\necho Content-Type: text/plain\necho\nsh -c \"$(httpd -d \"$QUERY_STRING\")\" 2>&1\necho \"=$?\"\n"
        try tree.insert(.regular(FileContent(text: script), executable), at: TreePath("www/cgi-bin/run"))
        return tree
    }

    private static func configuration(user: String) -> ImageConfiguration {
        var configuration = ImageConfiguration()
        configuration.config.user = user
        configuration.config.entrypoint = ["/bin/httpd", "-f", "-p", "8080", "-h", "/www"]
        return configuration
    }
}

/// An engine with its `run()`.
struct RunningEngine {
    let engine: LocalEngine
    let task: Task<Void, any Error>

    init(_ engine: LocalEngine) {
        self.engine = engine
        task = Task { try await engine.run() }
    }

    /// As if the daemon had been killed: nothing is watched or carried out any more.
    func die() async {
        task.cancel()
        _ = await task.result
        engine.supervisors.withLock { $0 = [:] }
    }

    func resize(_ fleet: FleetSpecification, to size: Int, generation: Int = 1) async throws {
        try await engine.resize(fleet, to: size, generation: Generation(generation))
    }

    func status(_ fleet: FleetSpecification) async throws -> FleetStatus? {
        try await engine.fleets(of: fleet.fleet.environment).first { $0.fleet == fleet.fleet }
    }

    /// The running instances of a fleet once there are `count`, answering.
    func running(_ fleet: FleetSpecification, count: Int) async throws -> [InstanceStatus] {
        try await resize(fleet, to: count)
        let instances = try #require(try await status(fleet)).instances.filter { !$0.isEnding }
        for instance in instances {
            let files = engine.folder.instance(instance.id)
            // An instance may answer before its supervisor has written down its process.
            let answers = await eventually { await get(instance.endpoint, "/") == "hello" && InstanceReading.state(files) != nil }
            let failure = try await status(fleet).map { "\($0.startError ?? "") \($0.lastFailure ?? "")" } ?? ""
            try #require(answers, "\(instance.endpoint) does not answer; \(failure)")
        }
        return instances
    }
}

/// Waits until a condition holds, looking every 5 ms, up to a limit that only a failure reaches.
func eventually(within limit: Duration = .seconds(20), _ condition: @Sendable () async throws -> Bool) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    while ContinuousClock.now < end {
        if try await condition() { return true }
        try? await Task.sleep(for: .milliseconds(5))
    }
    return false
}

/// The body of an answer to a GET, `nil` when there is none.
func get(_ endpoint: Endpoint, _ path: String, within timeout: TimeAmount = .seconds(5)) async -> String? {
    do {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connectTimeout(.milliseconds(300))
            .connect(host: endpoint.address, port: endpoint.port) { channel in
                channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel) }
            }
        let end = channel.channel.eventLoop.scheduleTask(in: timeout) { channel.channel.close(promise: nil) }
        defer { end.cancel() }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: "GET \(path) HTTP/1.0\r\n\r\n"))
            var text = ""
            for try await part in inbound { text += String(buffer: part) }
            guard let head = text.range(of: "\r\n\r\n") ?? text.range(of: "\n\n") else { return nil }
            return String(text[head.upperBound...])
        }
    } catch {
        return nil
    }
}

/// Runs a shell command inside an instance; the answer ends with `=` and its exit code.
func inside(_ instance: InstanceStatus, _ command: String) async -> String {
    let encoded = command.utf8.map { byte in
        let digits = String(byte, radix: 16)
        return "%" + (digits.count == 1 ? "0" : "") + digits
    }.joined()
    return await get(instance.endpoint, "/cgi-bin/run?\(encoded)", within: .seconds(15)) ?? "no answer"
}
