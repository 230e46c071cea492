import Glibc
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("Cache mounts")
struct CacheMountTests {
    private func withCaches(_ body: (CacheMounts) async throws -> Void) async throws {
        let folder = FilePath("/tmp/ingot-cache-mounts-\(getpid())-\(UInt32.random(in: 0 ... .max))")
        defer { Files.removeTree(folder) }
        try await body(CacheMounts(folder: folder))
    }

    private func cache(_ id: String, _ sharing: RunMount.Sharing = .shared) -> RunMount.Cache {
        RunMount.Cache(id: id, sharing: sharing, source: "/", isReadOnly: false, mode: nil, owner: nil)
    }

    private func at(_ second: Int) -> Timestamp { Timestamp(secondsSince1970: second) }

    @Test("that are shared are one, private ones are as many as are in use at once")
    func sharing() async throws {
        try await withCaches { caches in
            let one = try await caches.use(cache("a"), beginning: nil, now: at(0))
            let two = try await caches.use(cache("a"), beginning: nil, now: at(0))
            #expect(one.folder == two.folder)
            let third = try await caches.use(cache("a", .private), beginning: nil, now: at(0))
            let fourth = try await caches.use(cache("a", .private), beginning: nil, now: at(0))
            #expect(Set([one.folder, third.folder, fourth.folder]).count == 3)
            withExtendedLifetime((one, two, third, fourth)) {}
        }
    }

    @Test("that are locked wait until they are free, and not beyond a cancelled build")
    func locked() async throws {
        try await withCaches { caches in
            var first: CacheMounts.Use? = try await caches.use(cache("a", .locked), beginning: nil, now: at(0))
            let cancelled = Task { try await caches.use(cache("a", .locked), beginning: nil, now: at(1)) }
            cancelled.cancel()
            await #expect(throws: CancellationError.self) { try await cancelled.value }
            let waiting = Task { try await caches.use(cache("a", .locked), beginning: nil, now: at(1)).folder }
            let folder = first?.folder
            first = nil
            #expect(try await waiting.value == folder)
        }
    }

    @Test("are removed by age and by size, the longest unused first, and never while they are used")
    func prune() async throws {
        try await withCaches { caches in
            for (second, id) in ["old", "middle", "new"].enumerated() {
                let use = try await caches.use(cache(id), beginning: nil, now: at(second * 100))
                try Files.write([UInt8](repeating: 1, count: 100_000), to: use.folder.appending("x"))
            }
            #expect(try caches.list().map(\.id) == ["new", "middle", "old"])
            var used: CacheMounts.Use? = try await caches.use(cache("old"), beginning: nil, now: at(0))
            #expect(try caches.prune(unusedFor: .seconds(150), now: at(300)).map(\.id) == ["middle"])
            #expect(used != nil)
            used = nil
            #expect(try caches.prune(largest: ByteSize(150_000), now: at(300)).map(\.id) == ["old"])
            #expect(try caches.list().map(\.id) == ["new"])
        }
    }

    @Test("that a killed builder half made are made anew")
    func halfMade() async throws {
        try await withCaches { caches in
            let name = "\(CacheMounts.key(cache("a"), beginning: nil))-0"
            for half in ["\(name)/data", "\(name).new/data"] { try Files.makeFolders(caches.folder.appending(FilePath(half).components)) }
            try Files.write([1], to: caches.folder.appending(FilePath("\(name)/data/x").components))
            let use = try await caches.use(cache("a"), beginning: nil, now: at(0))
            #expect(Files.names(use.folder).isEmpty)
            #expect(Files.names(caches.folder).filter { $0.hasSuffix(".new") }.isEmpty)
        }
    }
}
