import Foundation
import ImageStore
import IngotModel
import NIOCore
import NIOHTTP1
import Synchronization
import Testing

@testable import Registry

/// What a registry may do wrong, by accident or not.
@Suite("A pull")
struct HostilePullTests {
    /// An image in a store, a server for it that answers as the body says, and an empty store to pull into.
    private static func with(
        options: RegistryOptions = impatient(), layers: [Int] = [60_000, 1_000],
        _ lie: @escaping @Sendable (Served, FakeRegistry.Request, FakeRegistry.Answer) -> FakeRegistry.Answer,
        _ body: (FakeRegistry, Image, ImageStore, RegistryClient) async throws -> Void
    ) async throws {
        try await withStore { source in
            let image = try addImage(to: source, layers: layers)
            let served = try Served([image], of: source)
            try await FakeRegistry.with({ lie(served, $0, served.answer($0)) }) { server in
                try await withStore { store in
                    try await RegistryClient.with(options) { try await body(server, image, store, $0) }
                }
            }
        }
    }

    @discardableResult
    private static func pull(_ server: FakeRegistry, _ client: RegistryClient, _ store: ImageStore, _ name: String = "a/b:1") async throws
        -> PulledImage
    {
        let reference = try ImageReference("\(server.host)/\(name)")
        return try await client.pull(reference, as: "pulled", into: store)
    }

    private static func expectFailure(
        _ server: FakeRegistry, _ client: RegistryClient, _ store: ImageStore, _ code: String,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) async throws {
        let error = await #expect(throws: (any Error).self, sourceLocation: sourceLocation) { try await pull(server, client, store) }
        #expect((error as? any ExplainedError)?.code == code, "\(String(describing: error))", sourceLocation: sourceLocation)
        #expect(try store.tags().isEmpty, sourceLocation: sourceLocation)
        #expect(try store.images().isEmpty, sourceLocation: sourceLocation)
    }

    @Test("of a truthful registry is the same image, and a second one fetches no layer")
    func truthful() async throws {
        try await Self.with({ $2 }) { server, image, store, client in
            let pulled = try await Self.pull(server, client, store)
            #expect(pulled.images.map(\.digest) == [image.digest])
            #expect(pulled.images[0].layers == image.layers)
            #expect(pulled.count.transferred == 2)
            #expect(try store.resolve("pulled") == image.digest)
            let before = server.requests.count { $0.path.contains("/blobs/") }
            let again = try await Self.pull(server, client, store)
            #expect(again.count.present == 2)
            // The configuration is small, and comes again.
            #expect(server.requests.count { $0.path.contains("/blobs/") } == before + 1)
        }
    }

    @Test("refuses another length than the manifest says", arguments: [-1, 1, 1_000_000_000, .max])
    func lyingLength(difference: Int) async throws {
        try await Self.with({ served, request, answer in
            var answer = answer
            if served.isLargest(request) { answer.announced = difference == .max ? .max : answer.body.count + difference }
            return answer
        }) { server, _, store, client in
            try await Self.expectFailure(server, client, store, "registry.content-wrong")
        }
    }

    @Test("stops where a blob should have ended")
    func endlessBlob() async throws {
        try await Self.with({ served, request, answer in
            var answer = answer
            if served.isLargest(request) { answer.isEndless = true }
            return answer
        }) { server, _, store, client in
            try await Self.expectFailure(server, client, store, "store.blob-unexpected")
        }
    }

    @Test("refuses other content of the same length")
    func otherContent() async throws {
        try await Self.with({ served, request, answer in
            var answer = answer
            if served.isLargest(request) { answer.body[1_000] ^= 1 }
            return answer
        }) { server, _, store, client in
            try await Self.expectFailure(server, client, store, "store.blob-unexpected")
        }
    }

    @Test("goes on where it was cut off, as often as that gets further")
    func cuts() async throws {
        let count = Counter()
        try await Self.with({ served, request, answer in
            var answer = answer
            if served.isLargest(request), count.next() <= 10 { answer.cutAfter = 5_000 }
            return answer
        }) { server, image, store, client in
            let pulled = try await Self.pull(server, client, store)
            #expect(pulled.images.map(\.digest) == [image.digest])
            let ranges = server.requests.compactMap { $0.headers.first(name: "range") }
            #expect(ranges.count >= 10)
            #expect(ranges.first != "bytes=0-")
        }
    }

    @Test("begins again where the registry knows no ranges")
    func noRanges() async throws {
        let count = Counter()
        try await Self.with({ served, request, answer in
            guard served.isLargest(request) else { return answer }
            var whole = request
            whole.headers.remove(name: "range")
            var answer = served.answer(whole)
            if count.next() == 1 { answer.cutAfter = 50_000 }
            return answer
        }) { server, image, store, client in
            let pulled = try await Self.pull(server, client, store)
            #expect(pulled.images.map(\.digest) == [image.digest])
        }
    }

    @Test("refuses another part than it asked for")
    func otherRange() async throws {
        let count = Counter()
        try await Self.with({ served, request, answer in
            var answer = answer
            guard served.isLargest(request) else { return answer }
            if count.next() == 1 { answer.cutAfter = 50_000 } else { answer.headers = [("content-range", "bytes 3-9/10")] }
            return answer
        }) { server, _, store, client in
            try await Self.expectFailure(server, client, store, "registry.answer-invalid")
        }
    }

    @Test("does not put parts of two blobs together")
    func mixedParts() async throws {
        let count = Counter()
        try await Self.with({ served, request, answer in
            var answer = answer
            guard served.isLargest(request) else { return answer }
            // The first part is damaged and cut off; what comes after that is true.
            if count.next() == 1 {
                answer.body[10] ^= 1
                answer.cutAfter = 50_000
            }
            return answer
        }) { server, image, store, client in
            let pulled = try await Self.pull(server, client, store)
            #expect(pulled.images.map(\.digest) == [image.digest])
        }
    }

    @Test("ends in time when nothing more comes", arguments: ["manifest", "config", "blob", "head"])
    func stalls(place: String) async throws {
        let options = impatient {
            $0.patience = .milliseconds(300)
            // Each try gets a few bytes further.
            $0.retries.most = 3
        }
        try await Self.with(
            options: options,
            { served, request, answer in
                var answer = answer
                let isHere =
                    switch place {
                    case "manifest", "head": request.path.contains("/manifests/")
                    case "blob": served.isLargest(request)
                    default: request.path.contains("/blobs/") && answer.body.first == UInt8(ascii: "{")
                    }
                if isHere { answer.stallAfter = place == "head" ? 0 : 100 }
                return answer
            }
        ) { server, _, store, client in
            try await Self.expectFailure(server, client, store, "registry.timed-out")
        }
    }

    @Test("ends in time when it comes byte by byte")
    func drips() async throws {
        let options = impatient {
            $0.answer = .seconds(1)
            $0.slowest = 1 << 30
        }
        try await Self.with(
            options: options,
            { served, request, answer in
                var answer = answer
                if served.isLargest(request) { answer.drip = .milliseconds(20) }
                return answer
            }
        ) { server, _, store, client in
            try await Self.expectFailure(server, client, store, "registry.timed-out")
        }
    }

    @Test("tries again after a refusal that is of the moment, as it is asked to", arguments: [429, 500, 502, 503, 504])
    func transient(status: Int) async throws {
        let seen = Names()
        try await Self.with({ _, request, answer in
            seen.insert(request.uri) ? .init(status: status, headers: [("retry-after", "0")], body: Array("<html>".utf8)) : answer
        }) { server, image, store, client in
            let pulled = try await Self.pull(server, client, store)
            #expect(pulled.images.map(\.digest) == [image.digest])
        }
    }

    @Test("gives up on a registry that always fails")
    func alwaysFailing() async throws {
        try await Self.with({ _, _, _ in .init(status: 503) }) { server, _, store, client in
            try await Self.expectFailure(server, client, store, "registry.refused")
            #expect(server.requests.count == 3)
        }
    }

    // MARK: Documents

    @Test("reads no manifest beyond its limit", arguments: [true, false])
    func hugeManifest(isAnnounced: Bool) async throws {
        try await Self.with({ _, request, answer in
            guard request.path.contains("/manifests/") else { return answer }
            var answer = answer
            answer.body = Array(repeating: UInt8(ascii: " "), count: 1 << 16)
            if isAnnounced { answer.announced = 1 << 40 } else { answer.isEndless = true }
            return answer
        }) { server, _, store, client in
            try await Self.expectFailure(server, client, store, "registry.too-large")
        }
    }

    @Test(
        "refuses documents that are not what they say",
        arguments: [
            "", "[]", "null", "{", #"{"schemaVersion":2,"manifests":[],"layers":[]}"#, #"{"schemaVersion":1,"fsLayers":[]}"#,
            #"{"mediaType":"text/html"}"#, #"{"mediaType":"application/vnd.oci.image.index.v1+json"}"#,
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","manifests":[]}"#,
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"x","digest":"sha256:../../x","size":1},"layers":[]}"#,
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"x","digest":"sha256:\#(String(repeating: "a", count: 64))","size":-1},"layers":[]}"#,
            #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"x","digest":"sha256:\#(String(repeating: "a", count: 64))","size":9223372036854775807},"layers":[]}"#,
            String(repeating: "[", count: 100_000),
        ])
    func damagedManifest(text: String) async throws {
        try await Self.with({ _, request, answer in
            request.path.contains("/manifests/") ? .init(headers: [("content-type", MediaType.manifest)], body: Array(text.utf8)) : answer
        }) { server, _, store, client in
            await #expect(throws: RegistryError.self) { try await Self.pull(server, client, store) }
            try #require(store.tags().isEmpty)
        }
    }

    @Test("refuses sizes of layers that no image has", arguments: ["-1", "9223372036854775807", "200000000000"])
    func layerSizes(size: String) async throws {
        try await Self.with({ _, request, answer in
            guard request.path.contains("/manifests/") else { return answer }
            var answer = answer
            let text = String(decoding: answer.body, as: UTF8.self)
            let large = text.replacing(/"size":[0-9]{5,}/, with: "\"size\":\(size)")
            answer.body = Array(large.utf8)
            return answer
        }) { server, _, store, client in
            await #expect(throws: (any Error).self) { try await Self.pull(server, client, store) }
            try #require(store.tags().isEmpty)
        }
    }

    @Test("by digest gets that digest or nothing; by tag what the registry says that it is")
    func otherManifest() async throws {
        let digest = "sha256:" + String(repeating: "0", count: 64)
        try await Self.with({ served, request, answer in
            var answer = answer
            if request.path.hasSuffix(digest) {
                return .init(headers: [("content-type", MediaType.manifest)], body: served.documents["1"]?.bytes ?? [])
            }
            if request.path.contains("/manifests/") { answer.headers.append(("docker-content-digest", digest)) }
            return answer
        }) { server, _, store, client in
            try await Self.expectFailure(server, client, store, "registry.content-wrong")
            let error = await #expect(throws: RegistryError.self) { try await Self.pull(server, client, store, "a/b@\(digest)") }
            #expect(error?.reason == .contentWrong)
        }
    }

    @Test("of a tag that is not there names one that is like it, through pages that end")
    func tags() async throws {
        try await Self.with({ _, request, answer in
            guard request.path.hasSuffix("/tags/list") else { return answer }
            let isFirst = !request.uri.contains("last")
            let tags = isFirst ? #"{"tags":["1.0","1.1"]}"# : #"{"tags":["stable"]}"#
            return .init(headers: isFirst ? [("link", "</v2/a/b/tags/list?last=x>; rel=\"next\"")] : [], body: Array(tags.utf8))
        }) { server, _, store, client in
            let error = await #expect(throws: RegistryError.self) { try await Self.pull(server, client, store, "a/b:stabel") }
            #expect(error?.message.contains("did you mean 'stable'") == true)
        }
    }

    @Test("ends lists that do not end", arguments: ["pages", "names", "bytes"])
    func floods(kind: String) async throws {
        let options = impatient {
            $0.pages = 5
            $0.tags = 1_000
            $0.page = .mebibytes(1)
        }
        try await Self.with(
            options: options,
            { _, request, answer in
                guard request.path.hasSuffix("/tags/list") else { return answer }
                switch kind {
                case "pages": return .init(headers: [("link", "</v2/a/b/tags/list?last=x>; rel=\"next\"")], body: Array(#"{"tags":["a"]}"#.utf8))
                case "names": return .init(body: Array("{\"tags\":[\(Array(repeating: "\"a\"", count: 2_000).joined(separator: ","))]}".utf8))
                default: return .init(body: Array(repeating: UInt8(ascii: " "), count: 4_096), isEndless: true)
                }
            }
        ) { server, _, _, client in
            let repository = try client.repository(ImageReference("\(server.host)/a/b"))
            let error = await #expect(throws: RegistryError.self) { try await repository.tags() }
            #expect(error?.reason == .tooLarge)
        }
    }
}

/// Counts from 1.
final class Counter: Sendable {
    private let value = Mutex(0)
    func next() -> Int {
        value.withLock {
            $0 += 1
            return $0
        }
    }
}

/// Names that were there.
final class Names: Sendable {
    private let known = Mutex<Set<String>>([])
    /// Whether it is new.
    func insert(_ name: String) -> Bool { known.withLock { $0.insert(name).inserted } }
}
