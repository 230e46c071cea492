import Foundation
import Testing

/// One test's own world: a root, a Git repository of a small service, a daemon; all of it gone afterwards.
///
/// The service is busybox's httpd from `scratch`: it starts in milliseconds and needs no base image.
final class Workspace: @unchecked Sendable {
    let folder: URL
    let root: URL
    let repository: URL
    let port: Int
    private var daemon: Process?

    var host: String { "production.shop.localhost" }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ingot-e2e-\(UUID().uuidString.prefix(8))")
        root = folder.appendingPathComponent("root")
        repository = folder.appendingPathComponent("shop")
        port = try freePort()
        try FileManager.default.createDirectory(at: repository, withIntermediateDirectories: true)
        let busybox = try #require(
            ["/bin/busybox", "/usr/bin/busybox"].first { FileManager.default.isExecutableFile(atPath: $0) },
            "busybox-static is missing: scripts/setup test")
        try FileManager.default.copyItem(atPath: busybox, toPath: repository.appendingPathComponent("busybox").path)
        try write(
            "Dockerfile",
            """
            FROM scratch
            COPY --chmod=755 busybox /bin/busybox
            COPY www /www
            USER 1000:1000
            EXPOSE 8080
            ENTRYPOINT ["/bin/busybox", "httpd", "-f", "-v", "-p", "8080", "-h", "/www"]
            """)
        try write("ingot.yaml", Self.manifest())
        try write("www/healthz", "ready\n")
        try git("init", "-q", "-b", "main")
        try commit(version: 1)
    }

    static func manifest(instances: Int = 2, readiness: String = "/healthz", timing: String = "soak: 0s, warm: 60s") -> String {
        """
        service: shop
        image: { dockerfile: Dockerfile }
        run:
          port: 8080
          readiness: { path: \(readiness) }
          stop: { grace: 5s }
          resources: { memory: 64MiB, cpu: 0.5 }
        environments:
          production: { instances: \(instances), strategy: blue-green, \(timing) }
        """
    }

    func write(_ name: String, _ text: String) throws {
        let file = repository.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
    }

    /// Makes a commit whose page says its version.
    func commit(version: Int) throws {
        try write("www/index.html", "version \(version)\n")
        try git("add", "-A")
        try git("-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-q", "-m", "version \(version)")
    }

    // MARK: Programs

    struct Output {
        var exitCode: Int32
        var standardOutput: String
        var standardError: String

        func decoded<Value: Decodable>(as type: Value.Type = Value.self) throws -> Value {
            try JSONDecoder().decode(type, from: Data(standardOutput.utf8))
        }
    }

    /// Runs `ingot` in the repository and waits for it.
    @discardableResult
    func ingot(_ arguments: String...) async throws -> Output {
        try await run(Self.executable("ingot"), arguments)
    }

    /// As above, with something on standard input, variables besides, or in another folder.
    func ingot(
        _ arguments: [String], input: URL? = nil, variables: [String: String] = [:], in folder: URL? = nil
    ) async throws -> Output {
        try await run(Self.executable("ingot"), arguments, input: input, variables: variables, in: folder)
    }

    private func git(_ arguments: String...) throws {
        let output = try runAndWait("/usr/bin/git", arguments)
        try #require(output.exitCode == 0, "git \(arguments): \(output.standardError)")
    }

    /// On a thread of its own: tests share two cooperative ones, and a command may take its time.
    func run(
        _ program: String, _ arguments: [String], input: URL? = nil, variables: [String: String] = [:], in folder: URL? = nil
    ) async throws -> Output {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread {
                continuation.resume(with: Result { try self.runAndWait(program, arguments, input: input, variables: variables, in: folder) })
            }
        }
    }

    private func runAndWait(
        _ program: String, _ arguments: [String], input: URL? = nil, variables: [String: String] = [:], in folder: URL? = nil
    ) throws -> Output {
        let files = try (0..<2).map { _ in try temporaryFile() }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = folder ?? repository
        process.environment = environment.merging(variables) { _, new in new }
        process.standardInput = try input.map(FileHandle.init(forReadingFrom:)) ?? .nullDevice
        process.standardOutput = files[0].handle
        process.standardError = files[1].handle
        try process.run()
        process.waitUntilExit()
        let texts = try files.map { String(decoding: try Data(contentsOf: $0.url), as: UTF8.self) }
        files.forEach { try? FileManager.default.removeItem(at: $0.url) }
        return Output(exitCode: process.terminationStatus, standardOutput: texts[0], standardError: texts[1])
    }

    var environment: [String: String] {
        ProcessInfo.processInfo.environment.merging(["INGOT_ROOT": root.path, "NO_COLOR": "1"]) { _, new in new }
    }

    /// Files, not pipes: a daemon's children may outlive it, and a pipe would stay open with them.
    private func temporaryFile() throws -> (url: URL, handle: FileHandle) {
        let url = folder.appendingPathComponent("output-\(UUID().uuidString)")
        FileManager.default.createFile(atPath: url.path, contents: nil)
        return (url, try FileHandle(forWritingTo: url))
    }

    /// A product of this package, which stands beside the tests.
    static func executable(_ name: String) -> String {
        let tests = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return tests.deletingLastPathComponent().appendingPathComponent(name).path
    }

    // MARK: The daemon

    var daemonLog: URL { folder.appendingPathComponent("daemon.log") }
    var daemonProcessID: Int32? { daemon?.processIdentifier }

    /// - Parameters:
    ///   - flags: of `ingot serve`, besides.
    ///   - starter: a program that becomes the daemon, with its first arguments.
    @discardableResult
    func startDaemon(_ flags: [String] = [], under starter: [String] = []) async throws -> Process {
        let process = Process()
        let line = starter + [Self.executable("ingot"), "serve", "--bind", "127.0.0.1:\(port)"] + flags
        process.executableURL = URL(fileURLWithPath: line[0])
        process.arguments = Array(line.dropFirst())
        process.currentDirectoryURL = folder
        process.environment = environment
        process.standardInput = FileHandle.nullDevice
        if !FileManager.default.fileExists(atPath: daemonLog.path) {
            FileManager.default.createFile(atPath: daemonLog.path, contents: nil)
        }
        let log = try FileHandle(forWritingTo: daemonLog)
        try log.seekToEnd()
        process.standardOutput = log
        process.standardError = log
        try process.runUnblocked()
        daemon = process
        try await eventually("the daemon answers", log: daemonLog) { try await self.ingot("status", "--output", "json").exitCode == 0 }
        return process
    }

    /// As a power cut would, but for the machine: no line of the daemon runs any more.
    func killDaemon() {
        guard let daemon else { return }
        kill(daemon.processIdentifier, SIGKILL)
        daemon.waitUntilExit()
        self.daemon = nil
    }

    /// The nice values of the daemon, of the processes whose command line names the root, and of all instances that are busybox's httpd, by the
    /// program's name as the kernel has it.
    func niceValues() -> [String: Set<Int>] {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.filter { Int($0) != nil } ?? []
        return processes.reduce(into: [:]) { values, process in
            guard let words = try? String(contentsOfFile: "/proc/\(process)/cmdline", encoding: .utf8),
                words.contains(root.path) || words.contains("httpd\0-f") || Int32(process) == daemon?.processIdentifier,
                let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8), let begin = status.firstIndex(of: "("),
                let end = status.lastIndex(of: ")")
            else { return }
            let fields = status[end...].split(separator: " ")
            if fields.count > 17, let nice = Int(fields[17]) { values[String(status[status.index(after: begin)..<end]), default: []].insert(nice) }
        }
    }

    /// Ends every instance, the router and the daemon, and removes the folder. Never throws, so that it can stand in any ending.
    func remove() {
        _ = try? runAndWait(Self.executable("ingot"), ["shutdown", "--yes"])
        killDaemon()
        unmountEverythingBelow()
        try? FileManager.default.removeItem(at: folder)
    }

    /// Layers stay mounted when a root is simply removed; the last mounted goes first.
    private func unmountEverythingBelow() {
        // A file of /proc has no size, and comes in parts: `String(contentsOfFile:)` takes the first for all of it.
        let bytes = FileHandle(forReadingAtPath: "/proc/self/mounts")?.readDataToEndOfFile() ?? Data()
        let mounts = String(decoding: bytes, as: UTF8.self)
        let points = mounts.split(separator: "\n").compactMap { $0.split(separator: " ").dropFirst().first.map(String.init) }
        for point in points.reversed() where point.hasPrefix(folder.path + "/") { umount2(point, Int32(MNT_DETACH)) }
    }

    // MARK: Steps that most tests share

    /// Builds what is checked out and gives the image's digest.
    func build() async throws -> String {
        struct Built: Decodable { var image: String }
        let output = try await ingot("build", "--output", "json")
        try #require(output.exitCode == 0, "\(output.standardError)")
        return try output.decoded(as: Built.self).image
    }
}

func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
    }
    try #require(bound, "no free port on the loopback address")
    return Int(UInt16(bigEndian: address.sin_port))
}

/// Waits for a condition, with a bound.
func eventually(
    _ what: String, within seconds: Int = 60, log: URL? = nil, _ condition: () async throws -> Bool
) async throws {
    let deadline = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < deadline {
        if try await condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    let text = log.flatMap { try? String(contentsOf: $0, encoding: .utf8) } ?? ""
    Issue.record("after \(seconds) s still not: \(what)\n\(text.suffix(4_000))")
    throw CancellationError()
}

extension Process {
    /// Starts it with no signal blocked, whichever thread this is.
    func runUnblocked() throws {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try run()
    }

    /// Ends it at once, if it runs, and waits for that. Softer signals may be blocked in it: it inherits that from its starter's thread.
    func kill() {
        guard isRunning else { return }
        Glibc.kill(processIdentifier, SIGKILL)
        waitUntilExit()
    }
}
