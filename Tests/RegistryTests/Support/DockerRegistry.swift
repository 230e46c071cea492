import Foundation
import Glibc
import SystemPackage
import Testing

/// Debian's `docker-registry`, on a free port of the loopback, for the length of a test.
struct DockerRegistry: Sendable {
    static let program = "/usr/bin/docker-registry"
    static var isInstalled: Bool { access(program, X_OK) == 0 && access("/usr/bin/skopeo", X_OK) == 0 }
    static let missing: Comment = "docker-registry or skopeo is missing: scripts/setup test"
    /// `user`, `pass`
    private static let passwords = "user:$2y$05$s/c5vgcsoTCqYK0MhZ64HesCn6fjWF4rV3Ai62uQKSe0HDLDauPxi\n"

    let folder: FilePath
    let port: Int
    var host: String { "127.0.0.1:\(port)" }

    static func with<Result>(hasPassword: Bool = false, _ body: (DockerRegistry) async throws -> Result) async throws -> Result {
        let folder = FilePath("/tmp/ingot-docker-registry-\(getpid())-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(atPath: folder.string, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder.string) }
        let registry = DockerRegistry(folder: folder, port: try freePort())
        let process = try registry.start(hasPassword: hasPassword)
        defer {
            process.terminate()
            process.waitUntilExit()
        }
        try await registry.untilItAnswers(process)
        return try await body(registry)
    }

    private func start(hasPassword: Bool) throws -> Process {
        let login = hasPassword ? "auth: { htpasswd: { realm: test, path: \(folder)/passwords } }\n" : ""
        let settings = """
            version: 0.1
            storage: { filesystem: { rootdirectory: \(folder)/data }, delete: { enabled: true } }
            http: { addr: "127.0.0.1:\(port)", secret: test }
            log: { level: error, accesslog: { disabled: true } }
            \(login)
            """
        try Data(settings.utf8).write(to: URL(fileURLWithPath: folder.appending("config.yml").string))
        try Data(Self.passwords.utf8).write(to: URL(fileURLWithPath: folder.appending("passwords").string))
        let process = Process()
        process.executableURL = URL(fileURLWithPath: Self.program)
        process.arguments = ["serve", folder.appending("config.yml").string]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    /// On a thread of its own: the tests of other suites may keep those that tasks share for minutes.
    private func untilItAnswers(_ process: Process) async throws {
        let answers = await withCheckedContinuation { continuation in
            Thread.detachNewThread { continuation.resume(returning: blockUntilItAnswers()) }
        }
        try #require(answers && process.isRunning, "docker-registry does not answer")
    }

    private func blockUntilItAnswers() -> Bool {
        let deadline = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < deadline {
            if connects() { return true }
            usleep(10_000)
        }
        return false
    }

    private func connects() -> Bool {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = Self.address(port)
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 }
        }
    }

    private static func address(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        return address
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = address(0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 && getsockname(descriptor, $0, &length) == 0 }
        }
        try #require(isBound, "no free port on the loopback address")
        return Int(UInt16(bigEndian: address.sin_port))
    }

    /// Runs skopeo to its end, on a thread of its own.
    @discardableResult
    static func skopeo(_ arguments: String...) async throws -> String {
        let (code, output) = try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try runSkopeo(arguments) }) }
        }
        try #require(code == 0, "skopeo \(arguments.joined(separator: " ")): \(output)")
        return output
    }

    private static func runSkopeo(_ arguments: [String]) throws -> (Int32, String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/skopeo")
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}
