import Foundation
import Glibc
import ImageStore
import IngotModel
import NIOHTTP1
import SystemPackage
import Testing

@testable import Registry
@testable import RegistryServer

/// What can be wrong with what is sent.
@Suite("An upload")
struct UploadTests {
    private static let bytes = noise(5_000, seed: 3)

    private static func files(_ registry: LocalRegistry, _ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: registry.store.folder.appending(folder).string)
    }

    @Test("with the wrong digest is nothing, and is over")
    func wrongDigest() async throws {
        try await LocalRegistry.with { registry in
            let other = digest(noise(10, seed: 9))
            let whole = try await registry.send(.POST, "/v2/shop/blobs/uploads/?digest=\(other)", body: Self.bytes)
            #expect(whole.status == 400 && whole.code == "DIGEST_INVALID")
            let location = try await registry.begin("shop")
            let put = try await registry.send(.PUT, "\(location)?digest=\(other)", body: Self.bytes)
            #expect(put.status == 400 && put.code == "DIGEST_INVALID")
            #expect(try await registry.send(.GET, location).code == "BLOB_UPLOAD_UNKNOWN")
            #expect(try await registry.send(.PUT, location, body: Self.bytes).code == "DIGEST_INVALID")
            // With one byte behind the end it is another blob.
            #expect(try await registry.send(.POST, "/v2/shop/blobs/uploads/?digest=\(digest(Self.bytes))", body: Self.bytes + [0]).status == 400)
            for digest in [other, digest(Self.bytes)] { #expect(try await registry.send(.GET, "/v2/shop/blobs/\(digest)").status == 404) }
            #expect(try await eventually { try Self.files(registry, "uploads").isEmpty })
            #expect(try Self.files(registry, "blobs/sha256").isEmpty)
        }
    }

    @Test("whose chunk lies about its length is taken back to where it was")
    func lengths() async throws {
        try await LocalRegistry.with { registry in
            let location = try await registry.begin("shop")
            let first = Array(Self.bytes.prefix(1_000))
            #expect(try await registry.send(.PATCH, location, ["content-range": "0-999"], body: first).status == 202)
            for range in ["1000-1998", "1000-2000", "1000-9999999999"] {
                let reply = try await registry.send(.PATCH, location, ["content-range": range], body: first)
                #expect(reply.status == 400 && reply.code == "SIZE_INVALID", "\(range)")
            }
            // The same, where the length is not told before.
            for range in ["1000-1998", "1000-2000"] {
                let reply = try await RawConnection.talk(registry.port) { [registry] connection in
                    connection.write(
                        "PATCH \(location) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(registry.secret)\r\nContent-Range: \(range)\r\n"
                            + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n3e8\r\n")
                    connection.write(first)
                    connection.write("\r\n0\r\n\r\n")
                    return connection.readToEnd()
                }
                #expect(reply?.contains("SIZE_INVALID") == true, "\(range): \(reply ?? "nothing")")
            }
            for range in ["x", "5-1", "999-1998", "1001-2000", ""] {
                let reply = try await registry.send(.PATCH, location, ["content-range": range], body: first)
                #expect(reply.status == (range.contains("99") || range.contains("2000") ? 416 : 400), "\(range)")
            }
            #expect(try await registry.send(.GET, location).header("range") == "0-999")
            let rest = Array(Self.bytes.dropFirst(1_000))
            let put = try await registry.send(.PUT, "\(location)?digest=\(digest(Self.bytes))", ["content-range": "1000-4999"], body: rest)
            #expect(put.status == 201)
            #expect(try await registry.send(.GET, "/v2/shop/blobs/\(digest(Self.bytes))").body == Self.bytes)
        }
    }

    @Test("can be ended once, given up, and gone on with only in its repository")
    func ends() async throws {
        try await LocalRegistry.with { registry in
            let location = try await registry.begin("shop")
            #expect(try await registry.send(.PATCH, location.replacing("shop", with: "other"), body: Self.bytes).status == 404)
            #expect(try await registry.send(.PUT, "\(location)?digest=\(digest(Self.bytes))", body: Self.bytes).status == 201)
            #expect(try await registry.send(.PUT, "\(location)?digest=\(digest(Self.bytes))", body: Self.bytes).status == 404)
            let second = try await registry.begin("shop")
            #expect(try await registry.send(.PATCH, second, body: Self.bytes).status == 202)
            #expect(try await registry.send(.DELETE, second).status == 204)
            for method in [HTTPMethod.GET, .DELETE, .PATCH] { #expect(try await registry.send(method, second).status == 404) }
            #expect(try await eventually { try Self.files(registry, "uploads").isEmpty })
        }
    }

    @Test("that is never finished is given up, and does not outlive the daemon")
    func neverFinished() async throws {
        try await withStore { store in
            try await LocalRegistry.with(store, { $0.limits.uploadPatience = .milliseconds(50) }) { registry in
                _ = try await registry.begin("shop")
                #expect(try await eventually { try Self.files(registry, "uploads").isEmpty })
            }
            try Data(Self.bytes).write(to: URL(fileURLWithPath: store.folder.appending("uploads/left").string))
            try await LocalRegistry.with(store) { registry async throws in #expect(try Self.files(registry, "uploads").isEmpty) }
        }
    }

    @Test("is refused when there are too many, or it is too large")
    func limits() async throws {
        try await LocalRegistry.with({ ($0.limits.uploads, $0.limits.blob) = (2, 4_999) }) { registry in
            let location = try await registry.begin("shop")
            _ = try await registry.begin("shop")
            let third = try await registry.send(.POST, "/v2/shop/blobs/uploads/")
            #expect(third.status == 429 && third.header("retry-after") != nil)
            let large = try await registry.send(.PATCH, location, body: Self.bytes)
            #expect(large.status == 413)
            #expect(try await registry.send(.PATCH, location, body: Array(Self.bytes.prefix(3_000))).status == 202)
            #expect(try await registry.send(.PATCH, location, body: Array(Self.bytes.prefix(3_000))).status == 413)
            #expect(try await registry.send(.GET, location).header("range") == "0-2999")
        }
    }

    @Test("that is cut off goes on where it was")
    func cut() async throws {
        try await LocalRegistry.with { registry in
            let location = try await registry.begin("shop")
            try await RawConnection.talk(registry.port) { [registry] connection in
                connection.write(
                    "PATCH \(location) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(registry.secret)\r\nContent-Length: \(Self.bytes.count)\r\n\r\n"
                )
                connection.write(Array(Self.bytes.prefix(2_000)))
            }
            #expect(try await eventually { try await registry.send(.GET, location).header("range") == "0-1999" })
            let put = try await registry.send(
                .PUT, "\(location)?digest=\(digest(Self.bytes))", ["content-range": "2000-4999"], body: Array(Self.bytes.dropFirst(2_000)))
            #expect(put.status == 201)
        }
    }

    @Test("has one sender at a time")
    func twice() async throws {
        try await LocalRegistry.with { registry in
            let location = try await registry.begin("shop")
            let reply = try await RawConnection.talk(registry.port) { [registry] connection in
                let head = "Host: x\r\nAuthorization: Bearer \(registry.secret)\r\n"
                connection.write("PATCH \(location) HTTP/1.1\r\n\(head)Content-Length: 10\r\n\r\n12345")
                var text: String?
                for _ in 0..<1_000 {
                    let other = try RawConnection(port: registry.port)
                    other.write("PATCH \(location) HTTP/1.1\r\n\(head)Content-Length: 0\r\nConnection: close\r\n\r\n")
                    text = other.readToEnd()
                    if text?.contains(" 409 ") == true { break }
                    usleep(10_000)
                }
                connection.write("67890")
                return text
            }
            #expect(reply?.contains("BLOB_UPLOAD_INVALID") == true)
            #expect(try await eventually { try await registry.send(.GET, location).header("range") == "0-9" })
        }
    }

    @Test("of a manifest is refused when it is too large, is another one, or names what is not there")
    func manifests() async throws {
        try await LocalRegistry.with { registry in
            let blob = try await registry.push(Self.bytes, to: "shop")
            let large = try await registry.put([UInt8](repeating: 32, count: (4 << 20) + 1), "shop", "1")
            #expect(large.status == 413)
            let there = descriptor(Self.bytes, MediaType.configuration)
            let manifest = try document(ImageManifest(config: there, layers: []))
            #expect(try await registry.put(manifest, "shop", "\(blob)").code == "DIGEST_INVALID")
            #expect(try await registry.put(manifest + [10], "shop", "\(digest(manifest))").code == "DIGEST_INVALID")
            #expect(try await registry.put(manifest, "shop", "1", type: MediaType.index).code == "MANIFEST_INVALID")
            #expect(try await registry.put(manifest, "shop", "1", type: "text/plain").code == "MANIFEST_INVALID")
            #expect(try await registry.put(manifest, "elsewhere", "1").code == "MANIFEST_BLOB_UNKNOWN")
            let wrongSize = Descriptor(mediaType: MediaType.configuration, digest: blob, size: 4_999)
            for config in [wrongSize, descriptor(noise(5, seed: 1), MediaType.configuration)] {
                let reply = try await registry.put(document(ImageManifest(config: config, layers: [])), "shop", "1")
                #expect(reply.status == 404 && reply.code == "MANIFEST_BLOB_UNKNOWN")
            }
            // A blob is no manifest, though its digest is there.
            let index = try document(ImageIndex(manifests: [Descriptor(mediaType: MediaType.manifest, digest: blob, size: 5_000)]))
            #expect(try await registry.put(index, "shop", "1", type: MediaType.index).code == "MANIFEST_BLOB_UNKNOWN")
            #expect(try await registry.put(manifest, "shop", "1").status == 201)
            let wrongType = try document(
                ImageIndex(manifests: [Descriptor(mediaType: MediaType.index, digest: digest(manifest), size: manifest.count)]))
            #expect(try await registry.put(wrongType, "shop", "2", type: MediaType.index).code == "MANIFEST_INVALID")
        }
    }

    @Test("of a version that is there moves nothing, and the way around by deleting is closed")
    func versions() async throws {
        try await LocalRegistry.with { registry in
            let (first, second) = (noise(10, seed: 1), noise(10, seed: 2))
            var manifests: [[UInt8]] = []
            for config in [first, second] {
                try await registry.push(config, to: "shop")
                manifests.append(try document(ImageManifest(config: descriptor(config, MediaType.configuration), layers: [])))
            }
            for tag in ["1.2.3", "main"] { #expect(try await registry.put(manifests[0], "shop", tag).status == 201) }
            #expect(try await registry.put(manifests[0], "shop", "1.2.3").status == 201)
            let moved = try await registry.put(manifests[1], "shop", "1.2.3")
            #expect(moved.status == 409 && moved.code == "DENIED" && moved.text.contains("shop:1.2.3"))
            #expect(try await registry.put(manifests[1], "shop", "main").status == 201)
            for reference in ["1.2.3", "\(digest(manifests[0]))"] {
                #expect(try await registry.send(.DELETE, "/v2/shop/manifests/\(reference)").status == 409)
            }
            #expect(try await registry.send(.GET, "/v2/shop/manifests/1.2.3").body == manifests[0])
            // Of many that push the same version at once, one has it.
            let replies = try await withThrowingTaskGroup(of: Int.self) { group in
                for manifest in manifests + manifests {
                    group.addTask { try await registry.put(manifest, "shop", "2.0.0").status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(replies.sorted() == [201, 201, 409, 409])
        }
    }

    @Test("is decided over while nobody on the machine gives a name, by command or by a build")
    func naming() async throws {
        try await withStore { store in
            let path = "\(store.folder)/naming"
            let held = Synchronized<[Bool]>([])
            let rule = TagRule { _ in
                let other = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
                defer { close(other) }
                held.change { $0.append(flock(other, LOCK_EX | LOCK_NB) != 0) }
                return false
            }
            try await LocalRegistry.with(store, { $0.rule = rule }) { registry in
                let config = noise(10, seed: 1)
                try await registry.push(config, to: "shop")
                let manifest = try document(ImageManifest(config: descriptor(config, MediaType.configuration), layers: []))
                #expect(try await registry.put(manifest, "shop", "main").status == 201)
                #expect(try await registry.send(.DELETE, "/v2/shop/blobs/\(digest(config))").status == 202)
                #expect(try await registry.send(.DELETE, "/v2/shop/manifests/main").status == 202)
                #expect(held.change { $0.count } >= 3 && held.change { $0.allSatisfy { $0 } })
            }
        }
    }

    @Test("that is a version keeps all that it is made of, and another tag does not")
    func madeOf() async throws {
        try await LocalRegistry.with { registry in
            var manifests: [[UInt8]] = []
            let blobs = [noise(10, seed: 1), noise(10, seed: 2)]
            for config in blobs {
                try await registry.push(config, to: "shop")
                manifests.append(try document(ImageManifest(config: descriptor(config, MediaType.configuration), layers: [])))
            }
            #expect(try await registry.put(manifests[0], "shop", "\(digest(manifests[0]))").status == 201)
            let index = try document(ImageIndex(manifests: [descriptor(manifests[0], MediaType.manifest)]))
            let put = try await registry.send(
                .PUT, "/v2/shop/manifests/1.0.0", ["content-type": MediaType.index], body: index)
            #expect(put.status == 201, "\(put.text)")
            #expect(try await registry.put(manifests[1], "shop", "main").status == 201)
            for kept in ["blobs/\(digest(blobs[0]))", "manifests/\(digest(manifests[0]))", "manifests/\(digest(index))"] {
                let reply = try await registry.send(.DELETE, "/v2/shop/\(kept)")
                #expect(reply.status == 409 && reply.code == "DENIED" && reply.text.contains("shop:1.0.0"), "\(kept): \(reply.text)")
                #expect(try await registry.send(.GET, "/v2/shop/\(kept)").status == 200)
            }
            for free in ["blobs/\(digest(blobs[1]))", "manifests/\(digest(manifests[1]))"] {
                #expect(try await registry.send(.DELETE, "/v2/shop/\(free)").status == 202, "\(free)")
            }
        }
    }
}

@Suite("What a version is made of")
struct ReachTests {
    private static func sample(_ byte: UInt8) -> Digest { Digest(bytes: [UInt8](repeating: byte, count: 32)) }

    /// How often each of three manifests is read when they are asked for in turn, twice.
    private static func reads(_ reach: ManifestReach, most: Int) throws -> [Int] {
        let memory = ReachMemory(most: most)
        var reads = [Int](repeating: 0, count: 3)
        for _ in 0..<2 {
            for number in 0..<3 {
                let found = try memory.digests(of: sample(UInt8(number))) { _ in
                    reads[number] += 1
                    return reach
                }
                #expect(found == reach.digests)
            }
        }
        return reads
    }

    @Test("is read once if all of it is there, and is forgotten when there is too much")
    func remembered() throws {
        let two: Set = [Self.sample(8), Self.sample(9)]
        #expect(try Self.reads(ManifestReach(digests: two), most: 6) == [1, 1, 1])
        #expect(try Self.reads(ManifestReach(digests: two, isWhole: false), most: 6) == [2, 2, 2])
        #expect(try Self.reads(ManifestReach(digests: two), most: 5) == [2, 2, 2])
        #expect(try Self.reads(ManifestReach(digests: two), most: 1) == [2, 2, 2])
    }

    @Test("is not read again for each that is to be deleted, and not at all for what is not there")
    func walked() async throws {
        try await withStore { store in
            let config = noise(10, seed: 1)
            let manifest = try document(ImageManifest(config: descriptor(config, MediaType.configuration), layers: []))
            try await LocalRegistry.with(store) { registry in
                try await registry.push(config, to: "shop")
                #expect(try await registry.put(manifest, "shop", "1.0.0").status == 201)
                #expect(try await registry.send(.DELETE, "/v2/shop/blobs/\(digest(config))").status == 409)
                // Whoever reads it from now on finds that it was changed.
                let path = store.folder.appending("blobs/sha256/\(digest(manifest).hex)").string
                try Data("{}".utf8).write(to: URL(fileURLWithPath: path))
                #expect(try await registry.send(.DELETE, "/v2/shop/blobs/\(digest(config))").status == 409)
            }
            try await LocalRegistry.with(store) { registry async throws in
                #expect(try await registry.send(.DELETE, "/v2/shop/blobs/\(digest(config))").status == 500)
                for kind in ["blobs", "manifests"] {
                    #expect(try await registry.send(.DELETE, "/v2/shop/\(kind)/\(Self.sample(7))").status == 404)
                }
            }
        }
    }
}

/// Waits until something is so; `false` when it is not in time.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    let deadline = ContinuousClock.now + .seconds(120)
    while ContinuousClock.now < deadline {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
