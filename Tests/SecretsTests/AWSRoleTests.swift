import Foundation
import IngotModel
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Secrets

/// Credentials of a role, from real servers on the loopback.
@Suite("Credentials of a role", .timeLimit(.minutes(5)))
struct AWSRoleTests {
    private static let planted = "s3cr3t-planted"
    private static let patient = SourceRequest.Bounds(connect: .seconds(60), deadline: .seconds(60), answerLimit: 65_536)
    private static let impatient = SourceRequest.Bounds(connect: .seconds(10), deadline: .seconds(10), answerLimit: 65_536)
    private static let start = Timestamp(secondsSince1970: 1_767_225_600)

    /// Instance metadata that want version 2 of the protocol; each time other keys, which hold for an hour by the test's clock.
    private final class Metadata: Sendable {
        let clock = Mutex(AWSRoleTests.start)
        /// Instead of what is asked for, by a part of its path.
        let instead = Mutex<[String: LocalServer.Answer]>([:])
        private let given = Mutex(0)

        var now: Timestamp { clock.withLock { $0 } }

        func answer(_ request: LocalServer.Request) -> LocalServer.Answer {
            if let answer = instead.withLock({ $0.first { request.path.hasSuffix($0.key) }?.value }) { return answer }
            if request.method == "PUT", request.path == "/latest/api/token" {
                return request.header("x-aws-ec2-metadata-token-ttl-seconds") == "60" ? .answer(200, "AQ==") : .answer(400, "")
            }
            guard request.header("x-aws-ec2-metadata-token") == "AQ==" else { return .answer(401, "") }
            switch request.path {
            case "/latest/meta-data/iam/security-credentials/": return .answer(200, "shop-role")
            case "/latest/meta-data/iam/security-credentials/shop-role": return .answer(200, role())
            default: return .answer(404, "")
            }
        }

        func role() -> String {
            let number = given.withLock { number in
                number += 1
                return number
            }
            let end = (now + .minutes(60)).text
            return
                #"{"Code":"Success","AccessKeyId":"ASIA\#(number)","SecretAccessKey":"\#(AWSRoleTests.planted)","Token":"t","Expiration":"\#(end)"}"#
        }

        func provider(
            _ variables: [String: String], files: [String: String] = [:], bounds: SourceRequest.Bounds = patient
        ) throws -> AWSCredentialProvider {
            AWSCredentialProvider(
                try awsSettings(), title: "aws in eu-central-1", files: CredentialFiles { path, _ in files[path].map { Array($0.utf8) } },
                variables: variables, bounds: bounds, now: { self.now })
        }
    }

    private func withMetadata(
        bounds: SourceRequest.Bounds = patient, _ body: (Metadata, LocalServer, AWSCredentialProvider) async throws -> Void
    ) async throws {
        let metadata = Metadata()
        try await LocalServer.with(metadata.answer) { server, address in
            try await body(metadata, server, try metadata.provider(["AWS_EC2_METADATA_SERVICE_ENDPOINT": address + "/"], bounds: bounds))
        }
    }

    private func key(_ provider: AWSCredentialProvider) async throws -> String { try await provider.credentials().0.accessKey }

    private func failure(_ provider: AWSCredentialProvider) async throws -> SecretError {
        let error = try await #require(throws: SecretError.self) { try await provider.credentials() }
        #expect(!"\(error.message) \(error.remedy ?? "")".contains(Self.planted))
        return error
    }

    @Test("are had from instance metadata by a session, once for all who ask, and anew shortly before they end")
    func instance() async throws {
        try await withMetadata { metadata, server, provider in
            let keys = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<8 { group.addTask { try await key(provider) } }
                return try await group.reduce(into: Set()) { $0.insert($1) }
            }
            #expect(keys == ["ASIA1"])
            let roles = "/latest/meta-data/iam/security-credentials/"
            #expect(server.requests.map { "\($0.method) \($0.path)" } == ["PUT /latest/api/token", "GET \(roles)", "GET \(roles)shop-role"])
            metadata.clock.withLock { $0 = $0 + .minutes(54) }
            #expect(try await key(provider) == "ASIA1" && server.requests.count == 3)
            metadata.clock.withLock { $0 = $0 + .minutes(1) }
            #expect(try await key(provider) == "ASIA2" && server.requests.count == 6)
            // Refused by AWS, they are not used any longer than they must be.
            await provider.doubt()
            #expect(try await key(provider) == "ASIA3")
        }
    }

    @Test("that are there already are used to their end when no others can be had")
    func held() async throws {
        try await withMetadata { metadata, _, provider in
            #expect(try await key(provider) == "ASIA1")
            metadata.instead.withLock { $0 = ["token": .answer(503, Self.planted)] }
            metadata.clock.withLock { $0 = $0 + .minutes(59) }
            #expect(try await key(provider) == "ASIA1")
            metadata.clock.withLock { $0 = $0 + .minutes(1) }
            let error = try await failure(provider)
            #expect(error.kind == .down)
            for part in ["'credentials-file' is not set", "no keys", "no container", "instance metadata at http://127.0.0.1", "status 503"] {
                #expect(error.message.contains(part), "\(error.message)")
            }
            metadata.instead.withLock { $0 = [:] }
            #expect(try await key(provider) == "ASIA2")
        }
    }

    @Test(
        "are refused when the metadata send elsewhere, say nothing, say too much, or know no role",
        arguments: [
            ("token", .answer(302, "", headers: ["location": "/latest/elsewhere"]), .malformed, 1),
            ("credentials/", .answer(307, "", headers: ["location": "/latest/elsewhere"]), .malformed, 2),
            ("shop-role", .answer(301, "", headers: ["location": "/latest/elsewhere"]), .malformed, 3),
            ("token", .silence, .slow, 1), ("shop-role", .silence, .slow, 3),
            ("token", .large(planted), .malformed, 1), ("shop-role", .large(planted), .malformed, 3),
            ("token", .answer(403, planted), .denied, 1), ("credentials/", .answer(404, planted), .notSetUp, 2),
            ("shop-role", .answer(200, #"{"Code":"Failed","Message":"s3cr3t-planted"}"#), .denied, 3),
        ] as [(String, LocalServer.Answer, SecretError.Kind, Int)])
    func refused(path: String, answer: LocalServer.Answer, kind: SecretError.Kind, requests: Int) async throws {
        // Who waits for silence gives up; nobody else does, on a machine that is busy.
        try await withMetadata(bounds: kind == .slow ? Self.impatient : Self.patient) { metadata, server, provider in
            metadata.instead.withLock { $0 = [path: answer] }
            let error = try await failure(provider)
            #expect(error.kind == kind && server.requests.count == requests, "\(error.message)")
        }
    }

    @Test("are not asked for when the daemon's own keys are set up wrongly")
    func half() async throws {
        let metadata = Metadata()
        try await LocalServer.with(metadata.answer) { server, address in
            for keys in [["AWS_ACCESS_KEY_ID": "A"], ["AWS_SECRET_ACCESS_KEY": Self.planted]] {
                let error = try await failure(metadata.provider(keys.merging(["AWS_EC2_METADATA_SERVICE_ENDPOINT": address]) { $1 }))
                #expect(error.kind == .notSetUp && error.message.contains("AWS_ACCESS_KEY_ID"))
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("are had from a container's agent with the token of the file, else of the variable")
    func container() async throws {
        let metadata = Metadata()
        let answer: @Sendable (LocalServer.Request) -> LocalServer.Answer = { request in
            guard request.method == "GET", request.path == "/credentials?id=1" else { return .answer(404, "") }
            return request.header("authorization") == "Bearer token" ? .answer(200, metadata.role()) : .answer(401, Self.planted)
        }
        try await LocalServer.with(answer) { server, address in
            let uri = "AWS_CONTAINER_CREDENTIALS_FULL_URI"
            let named = [
                uri: "\(address)/credentials?id=1", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "other", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "/token",
            ]
            #expect(try await key(metadata.provider(named, files: ["/token": "Bearer token\n"])) == "ASIA1")
            #expect(try await failure(metadata.provider(named)).kind == .notSetUp)
            #expect(try await failure(metadata.provider(named, files: ["/token": "a\nX-Other: \(Self.planted)"])).kind == .notSetUp)
            #expect(server.requests.count == 1)
            let said = [uri: "\(address)/credentials?id=1", "AWS_CONTAINER_AUTHORIZATION_TOKEN": "Bearer token"]
            #expect(try await key(metadata.provider(said)) == "ASIA2")
            let denied = try await failure(metadata.provider([uri: "\(address)/credentials?id=1"]))
            #expect(denied.kind == .denied && denied.message.contains("the container's agent at \(address)"))
            #expect(try await failure(metadata.provider([uri: "\(address)/\(Self.planted)"])).kind == .notSetUp)
        }
        let gone = try await LocalServer.with(answer) { _, address in address }
        #expect(try await failure(metadata.provider(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "\(gone)/\(Self.planted)"])).kind == .down)
    }

    @Test("sign the question to AWS, which says by which credentials it refuses")
    func signed() async throws {
        let metadata = Metadata()
        metadata.clock.withLock { $0 = Timestamp(millisecondsSince1970: Int(Date().timeIntervalSince1970 * 1_000)) }
        let knowsThem = Mutex(true)
        let answer: @Sendable (LocalServer.Request) -> LocalServer.Answer = { request in
            guard request.method == "POST" else { return metadata.answer(request) }
            let isSigned = request.header("authorization")?.contains("Credential=ASIA") == true && request.header("x-amz-security-token") == "t"
            return isSigned && knowsThem.withLock { $0 }
                ? .answer(200, #"{"SecretString":"{\"password\":\"one\"}"}"#) : .answer(400, #"{"__type":"UnrecognizedClientException"}"#)
        }
        try await LocalServer.with(answer) { server, address in
            let sources = Self.sources(address, ["AWS_EC2_METADATA_SERVICE_ENDPOINT": address])
            #expect(await Self.read(sources) == "one")
            #expect(await Self.read(sources) == "one")
            #expect(server.requests.count == 5)
            knowsThem.withLock { $0 = false }
            #expect(await Self.read(sources)?.contains("does not know the credentials from instance metadata at \(address)") == true)
            // Others are fetched the next time.
            knowsThem.withLock { $0 = true }
            #expect(await Self.read(sources) == "one" && server.requests.last?.header("authorization")?.contains("Credential=ASIA2") == true)
        }
    }

    @Test("of moto's instance metadata read a secret of moto", .enabled(if: AWSRoleTests.haveMoto, "no moto: scripts/secret-servers"))
    func moto() async throws {
        let address = try await LocalServer.with({ _ in .silence }) { _, address in address }
        let moto = Process()
        moto.executableURL = URL(fileURLWithPath: Self.motoPath)
        moto.arguments = ["-H", "127.0.0.1", "-p", String(address.split(separator: ":").last ?? "")]
        moto.standardInput = FileHandle.nullDevice
        moto.standardOutput = FileHandle.nullDevice
        moto.standardError = FileHandle.nullDevice
        try moto.run()
        defer {
            kill(moto.processIdentifier, SIGKILL)
            moto.waitUntilExit()
        }
        let create = SourceRequest(
            source: "moto", method: .POST, address: "\(address)/",
            headers: [
                ("X-Amz-Target", "secretsmanager.CreateSecret"), ("Content-Type", "application/x-amz-json-1.1"),
                ("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/eu-central-1/secretsmanager/aws4_request, SignedHeaders=host, Signature=0"),
            ], body: Array(#"{"Name":"shop/db","SecretString":"{\"password\":\"one\"}"}"#.utf8))
        let end = ContinuousClock.now + .seconds(120)
        while (try? await create.send().status) != 200 {
            try #require(ContinuousClock.now < end, "waited in vain for moto")
            try await Task.sleep(for: .milliseconds(50))
        }
        let sources = Self.sources(address, ["AWS_EC2_METADATA_SERVICE_ENDPOINT": address])
        while await Self.read(sources) != "one" {
            try #require(ContinuousClock.now < end, "the secret was never read")
            try await Task.sleep(for: .milliseconds(50))
        }
        let provider = AWSCredentialProvider(
            try awsSettings(), title: "aws", files: CredentialFiles { _, _ in nil }, variables: ["AWS_EC2_METADATA_SERVICE_ENDPOINT": address],
            bounds: Self.patient, now: { Self.start })
        let (credentials, origin) = try await provider.credentials()
        #expect(credentials.accessKey == "test-key" && credentials.sessionToken == "test-session-token" && origin.contains("instance metadata"))
    }

    private static let motoPath = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent(".build/secret-servers/bin/moto_server").path
    private static var haveMoto: Bool { FileManager.default.isExecutableFile(atPath: motoPath) }

    private static func sources(_ address: String, _ variables: [String: String]) -> SecretSources {
        SecretSources(
            settings: { "sources: { aws: { kind: aws, region: eu-central-1, endpoint: '\(address)' } }" }, files: CredentialFiles { _, _ in nil },
            variables: variables)
    }

    /// The value, or why there is none.
    private static func read(_ sources: SecretSources) async -> String? {
        let key = SealingKey(master: [UInt8](repeating: 1, count: 32), environment: production)
        let found = await sources.read(
            ["PASSWORD": .aws(AWSReference(source: "aws", id: "shop/db", field: "password"))], for: production, key: key)["PASSWORD"]
        switch found {
        case .success(let value): return value.line()
        case .failure(let error): return error.message
        case nil: return nil
        }
    }
}
