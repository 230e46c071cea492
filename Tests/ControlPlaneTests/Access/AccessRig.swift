// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import API
import Foundation
import IngotModel
import Logging
import Simulation
import Synchronization
import Testing

@testable import Client
@testable import ControlPlane

/// A daemon over a simulated machine that is asked over the network too, with all that it logs.
struct AccessRig: Sendable {
    let rig: DaemonRig
    let certificate: TestCertificate
    let port: Int
    let log = LogLines()

    init() async throws {
        var rig = try DaemonRig()
        certificate = try await TestCertificate(in: rig.folder.path)
        port = try freePort()
        rig.remote = RemoteListener(host: "127.0.0.1", port: port, certificate: certificate.certificate, key: certificate.key)
        let log = log
        rig.logger = Logger(label: "test") { LogfmtHandler(label: $0, level: .trace) { log.append($0) } }
        self.rig = rig
    }

    var origin: String { "https://127.0.0.1:\(port)" }

    /// A client that comes with this token.
    func client(_ token: String) throws -> Client {
        let daemon = RemoteDaemon(
            origin: try #require(RemoteOrigin(text: origin)), token: try #require(AccessToken(text: token)), authorities: certificate.certificate)
        return Client { .remote(daemon) }
    }

    /// A token of somebody who has this role.
    func token(_ name: String, _ grant: Grant, lifetime: Milliseconds? = nil) async throws -> String {
        let owner = AccessSubject.user("remote-\(name)")
        _ = try await rig.client.grant(grant, to: owner)
        return try await rig.client.createToken(
            TokenRequest(name: TokenName(name)!, grant: grant, lifetime: lifetime, owner: owner)
        ).token
    }

    /// Asks by curl, as somebody would who has no client of ours.
    func curl(_ arguments: String...) async throws -> ProgramOutput {
        try await Program.run(
            "/usr/bin/curl",
            ["--silent", "--show-error", "--max-time", "30", "--cacert", certificate.certificate, "--write-out", "\n%{http_code}"] + arguments)
    }

    /// Asks over the socket as a process of another user would, whose group at the moment is root's.
    func asNobody(_ arguments: String...) async throws -> ProgramOutput {
        try await Program.run(
            "/usr/bin/setpriv",
            [
                "--reuid=65534", "--regid=0", "--clear-groups", "/usr/bin/curl", "--silent", "--show-error", "--max-time", "30", "--unix-socket",
                "\(rig.root)/ingot.sock", "--write-out", "\n%{http_code}",
            ] + arguments)
    }
}

/// What a logger was told.
final class LogLines: Sendable {
    private let lines = Mutex<[String]>([])
    func append(_ line: String) { lines.withLock { $0.append(line) } }
    var text: String { lines.withLock { $0.joined() } }
}

/// A certificate of its own authority for this machine's loopback address, by openssl.
struct TestCertificate: Sendable {
    let certificate: String
    let key: String

    init(in folder: String, name: String = "server") async throws {
        certificate = "\(folder)/\(name).pem"
        key = "\(folder)/\(name).key"
        let output = try await Program.run(
            "/usr/bin/openssl",
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=\(name)",
                "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-keyout", key, "-out", certificate,
            ])
        try #require(output.exitCode == 0, "\(output.text)")
    }
}

struct ProgramOutput: Sendable {
    var exitCode: Int32
    /// Standard output and error.
    var text: String
    /// The last line, where it is a number: what `--write-out` says.
    var status: Int? { text.split(separator: "\n").last.flatMap { Int($0) } }
}

/// Runs a program on a thread of its own: tests share two cooperative ones.
enum Program {
    static func run(_ path: String, _ arguments: [String]) async throws -> ProgramOutput {
        try await withCheckedThrowingContinuation { continuation in
            Thread.detachNewThread { continuation.resume(with: Result { try runNow(path, arguments) }) }
        }
    }

    private static func runNow(_ path: String, _ arguments: [String]) throws -> ProgramOutput {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: "/")
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return ProgramOutput(exitCode: process.terminationStatus, text: String(decoding: bytes, as: UTF8.self))
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
