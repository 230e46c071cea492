import Foundation
import ImageStore
import IngotModel
import NIOHTTP1
import Synchronization
import SystemPackage
import Testing

@testable import Registry

/// A registry that keeps what it is sent, as the specification has it. Tests make it misbehave.
final class Uploads: Sendable {
    struct State {
        var sessions: [String: [UInt8]] = [:]
        var blobs: [String: [UInt8]] = [:]
        var documents: [String: [UInt8]] = [:]
        /// Where a blob may be mounted from.
        var others: [String: String] = [:]
    }

    let state = Mutex(State())
    /// A body larger than this is refused by 413.
    let most: Int
    let knowsReferrers: Bool

    init(most: Int = .max, knowsReferrers: Bool = false) {
        self.most = most
        self.knowsReferrers = knowsReferrers
    }

    func answer(_ request: FakeRegistry.Request) -> FakeRegistry.Answer {
        guard request.body.count <= most else { return .init(status: 413) }
        let query = Dictionary(
            (request.uri.split(separator: "?").dropFirst().first ?? "").split(separator: "&").map { field in
                let parts = field.split(separator: "=", maxSplits: 1)
                return (String(parts[0]), parts.count > 1 ? String(parts[1]).removingPercentEncoding ?? "" : "")
            }, uniquingKeysWith: { first, _ in first })
        return state.withLock { answer(request, query, &$0) }
    }

    private func answer(_ request: FakeRegistry.Request, _ query: [String: String], _ state: inout State) -> FakeRegistry.Answer {
        let name = request.path.split(separator: "/").last.map(String.init) ?? ""
        switch (request.method, request.path) {
        case ("HEAD", _): return state.blobs[name].map { .init(body: $0) } ?? .notFound()
        case ("POST", _):
            if let mount = query["mount"], let source = query["from"], state.others[mount] == source {
                state.blobs[mount] = []
                return .init(status: 201)
            }
            let session = "s\(state.sessions.count)"
            state.sessions[session] = []
            return .init(status: 202, headers: [("location", "/v2/a/b/blobs/uploads/\(session)?state=x")])
        case ("GET", let path) where path.contains("/uploads/"):
            guard let sent = state.sessions[name] else { return .init(status: 404) }
            return .init(status: 204, headers: [("range", "0-\(max(0, sent.count - 1))"), ("location", request.uri)])
        case ("PATCH", _):
            guard let sent = state.sessions[name] else { return .init(status: 404) }
            if request.headers.first(name: "content-range") != "\(sent.count)-\(sent.count + request.body.count - 1)" { return .init(status: 416) }
            state.sessions[name] = sent + request.body
            return .init(status: 202, headers: [("range", "0-\(sent.count + request.body.count - 1)"), ("location", request.uri)])
        case ("PUT", let path) where path.contains("/uploads/"):
            guard let sent = state.sessions.removeValue(forKey: name), let digest = query["digest"] else { return .init(status: 404) }
            let bytes = sent + request.body
            guard "\(DocumentDigest.of(bytes))" == digest else {
                return .init(status: 400, body: Array(#"{"errors":[{"code":"DIGEST_INVALID"}]}"#.utf8))
            }
            state.blobs[digest] = bytes
            return .init(status: 201)
        case ("PUT", _):
            state.documents[name] = request.body
            let subject = (try? JSONDecoder().decode(ImageManifest.self, from: Data(request.body)))?.subject?.digest
            let isNoted = knowsReferrers && subject != nil
            return .init(status: 201, headers: isNoted ? [("oci-subject", "\(subject.map { "\($0)" } ?? "")")] : [])
        case ("GET", _):
            return state.documents[name].map { .init(headers: [("content-type", MediaType.index)], body: $0) } ?? .notFound()
        default: return .notFound()
        }
    }
}

@Suite("A push")
struct PushTests {
    @discardableResult
    private static func push(
        _ image: Digest, _ server: FakeRegistry, _ store: ImageStore, _ options: RegistryOptions = impatient(), _ name: String = "a/b:1"
    ) async throws -> PushedImage {
        let reference = try ImageReference("\(server.host)/\(name)")
        return try await RegistryClient.with(options) { try await $0.push(image, to: reference, from: store) }
    }

    private static func check(_ uploads: Uploads, _ image: Image, _ store: ImageStore) throws {
        let (blobs, documents) = uploads.state.withLock { ($0.blobs, $0.documents) }
        let document = try store.document(image.digest)
        for blob in document.blobs { #expect(blobs["\(blob.digest)"].map(DocumentDigest.of) == blob.digest) }
        #expect(documents["1"] == document.bytes)
    }

    @Test("sends what is missing, the manifest last, and a second one sends no blob")
    func whole() async throws {
        try await withStore { store in
            let uploads = Uploads()
            let image = try addImage(to: store)
            try await FakeRegistry.with({ uploads.answer($0) }) { server in
                let first = try await Self.push(image.digest, server, store)
                #expect(first.digest == image.digest)
                #expect(first.count.transferred == 3)
                #expect(server.requests.last?.path == "/v2/a/b/manifests/1")
                let second = try await Self.push(image.digest, server, store)
                #expect(second.count.present == 3)
                try Self.check(uploads, image, store)
            }
        }
    }

    @Test("goes on where it was cut off when the registry knows where, and else begins again", arguments: [true, false])
    func cut(isKnown: Bool) async throws {
        try await withStore { store in
            let uploads = Uploads()
            let image = try addImage(to: store)
            let count = Counter()
            let cut: FakeRegistry.Cut = { head in head.method == .PUT && head.uri.contains("/uploads/") && count.next() == 1 ? 500 : nil }
            try await FakeRegistry.with(
                cut: cut,
                { request in
                    // What came before the cut is what the registry has.
                    if isKnown, request.method == "GET", request.path.contains("/uploads/"), let name = request.path.split(separator: "/").last {
                        uploads.state.withLock { state in
                            guard state.sessions[String(name)]?.isEmpty == true else { return }
                            let parts = (try? store.document(image.digest))?.blobs.compactMap { try? store.readBlob($0.digest, limit: .mebibytes(1)) }
                            let lost = parts?.first { part in !state.blobs.values.contains(part) && part.count > 400 } ?? []
                            state.sessions[String(name)] = Array(lost.prefix(300))
                        }
                    }
                    return uploads.answer(request)
                }
            ) { server in
                var options = impatient()
                options.limits.transfers = 1
                let pushed = try await Self.push(image.digest, server, store, options)
                #expect(pushed.count.transferred == 3)
                #expect(server.requests.contains { $0.method == "PATCH" } == isKnown)
                try Self.check(uploads, image, store)
            }
        }
    }

    @Test("goes in chunks where a registry takes no blob whole")
    func chunks() async throws {
        try await withStore { store in
            let uploads = Uploads(most: 10_000)
            let image = try addImage(to: store)
            let options = impatient { $0.chunk = 8_000 }
            try await FakeRegistry.with({ uploads.answer($0) }) { server in
                try await Self.push(image.digest, server, store, options)
                #expect(server.requests.count { $0.method == "PATCH" } >= 7)
                try Self.check(uploads, image, store)
            }
        }
    }

    @Test("takes blobs from another repository that is known to have them, and asks for the right to read there")
    func mounts() async throws {
        try await withStore { store in
            let uploads = Uploads()
            let image = try addImage(to: store)
            var options = impatient()
            options.memoryFolder = store.root.appending("memory")
            try await FakeRegistry.with({ uploads.answer($0) }) { server in
                try await Self.push(image.digest, server, store, options, "other/c:1")
                let blobs = try store.document(image.digest).blobs
                uploads.state.withLock { state in
                    state.blobs = [:]
                    for blob in blobs.dropLast() { state.others["\(blob.digest)"] = "other/c" }
                }
                let pushed = try await Self.push(image.digest, server, store, options)
                #expect(pushed.count.mounted == blobs.count - 1)
                #expect(pushed.count.transferred == 1)
            }
        }
    }

    @Test("sends no credentials to where it is told to upload, and not at all where nobody should be sent to")
    func location() async throws {
        try await withStore { store in
            let uploads = Uploads()
            let image = try addImage(to: store)
            let basic = "Basic " + Data("user:pass".utf8).base64EncodedString()
            try await FakeRegistry.with({ uploads.answer($0) }) { other in
                try await FakeRegistry.with({ request in
                    guard request.authorization == basic else { return .init(status: 401, headers: [("www-authenticate", "Basic realm=x")]) }
                    var answer = uploads.answer(request)
                    if request.method == "POST" {
                        answer.headers = answer.headers.map { ($0.0, $0.0 == "location" ? "http://\(other.host)\($0.1)" : $0.1) }
                    }
                    return answer
                }) { server in
                    var options = impatient()
                    options.configurationFile = try configurationFile([server.host: ("user", "pass"), other.host: ("user", "pass")], in: store.root)
                    try await Self.push(image.digest, server, store, options)
                    try Self.check(uploads, image, store)
                    #expect(!other.requests.isEmpty)
                    #expect(other.requests.allSatisfy { $0.authorization == nil })
                }
            }
            try await FakeRegistry.with({ request in
                request.method == "POST" ? .init(status: 202, headers: [("location", "http://192.0.2.1/x")]) : .notFound()
            }) { server in
                let error = await #expect(throws: RegistryError.self) { try await Self.push(image.digest, server, store) }
                #expect(error?.reason == .redirectRefused)
            }
        }
    }

    @Test("refuses to send a blob that was changed on disk under its old name")
    func changed() async throws {
        try await withStore { store in
            let uploads = Uploads()
            let image = try addImage(to: store)
            let path = store.folder.appending("blobs/sha256").appending(image.layers[0].blob.digest.hex)
            var bytes = try Data(contentsOf: URL(fileURLWithPath: path.string))
            bytes[100] ^= 1
            try bytes.write(to: URL(fileURLWithPath: path.string))
            try await FakeRegistry.with({ uploads.answer($0) }) { server in
                let error = await #expect(throws: RegistryError.self) { try await Self.push(image.digest, server, store) }
                #expect(error?.reason == .contentWrong)
                #expect(uploads.state.withLock { $0.documents.isEmpty && $0.blobs["\(image.layers[0].blob.digest)"] == nil })
            }
        }
    }

    @Test("does not believe a registry that keeps something else", arguments: ["manifest", "refusal", "location"])
    func liars(kind: String) async throws {
        try await withStore { store in
            let uploads = Uploads()
            let image = try addImage(to: store)
            try await FakeRegistry.with({ request in
                var answer = uploads.answer(request)
                switch kind {
                case "manifest":
                    if request.path.contains("/manifests/") {
                        answer.headers.append(("docker-content-digest", "sha256:" + String(repeating: "0", count: 64)))
                    }
                case "refusal": if request.method == "PUT" { return .init(status: 400, body: Array(#"{"errors":[{"code":"DIGEST_INVALID"}]}"#.utf8)) }
                default: if request.method == "POST" { answer.headers = [] }
                }
                return answer
            }) { server in
                let error = await #expect(throws: RegistryError.self) { try await Self.push(image.digest, server, store) }
                #expect(error?.fault == .world)
            }
        }
    }

    @Test("takes documents about the image along, found by the API or by a tag", arguments: [true, false])
    func referrers(knowsReferrers: Bool) async throws {
        try await withStore { store in
            let uploads = Uploads(knowsReferrers: knowsReferrers)
            let image = try addImage(to: store)
            try store.addReferrer(to: image.digest, artifactType: "application/vnd.test", content: Array("one".utf8))
            try store.addReferrer(to: image.digest, artifactType: "application/vnd.test", content: Array("two".utf8))
            try await FakeRegistry.with({ uploads.answer($0) }) { server in
                let pushed = try await Self.push(image.digest, server, store)
                #expect(pushed.referrers == 2)
                try await Self.push(image.digest, server, store)
                let index = uploads.state.withLock { $0.documents[RemoteRepository.tag(of: image.digest)] }
                #expect((index == nil) == knowsReferrers)
                guard let index else { return }
                let listed = try JSONDecoder().decode(ImageIndex.self, from: Data(index)).manifests
                #expect(Set(listed.map(\.digest)) == Set(try store.referrers(of: image.digest).map(\.digest)))
                #expect(listed.allSatisfy { $0.artifactType == "application/vnd.test" })
            }
        }
    }

    @Test("of an index needs all of its images")
    func incomplete() async throws {
        try await withStore { store in
            let first = try addImage(to: store, layers: [100], seed: 7)
            let second = try addImage(to: store, layers: [100], seed: 8, architecture: "arm64")
            let index = try store.addIndex(of: [first, second])
            let uploads = Uploads()
            try await FakeRegistry.with({ uploads.answer($0) }) { server in
                try await Self.push(index, server, store)
                let documents = uploads.state.withLock { $0.documents }
                #expect(Set(documents.keys) == ["1", "\(first.digest)", "\(second.digest)"])
                try FileManager.default.removeItem(atPath: store.folder.appending("blobs/sha256").appending(second.digest.hex).string)
                let error = await #expect(throws: RegistryError.self) { try await Self.push(index, server, store) }
                #expect(error?.reason == .incomplete)
                #expect(error?.message.contains("linux/arm64") == true)
            }
        }
    }
}
