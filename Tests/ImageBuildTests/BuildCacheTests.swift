import Foundation
import Glibc
import ImageStore
import IngotModel
import Logging
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("The build cache") struct BuildCacheTests {
    static let dockerfile = "FROM base\nCOPY a /a\nRUN cat /a > /b"

    enum Touch: String, CaseIterable, Sendable { case time, mode, content, name }

    @Test("knows a file by its content, mode and name, and not by its time", arguments: Touch.allCases) func identity(_ touch: Touch) async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("d/a", "one")
            let dockerfile = "FROM scratch\nCOPY d /d"
            let first = try await fixture.run(dockerfile)
            let path = fixture.context.appending("d/a").string
            switch touch {
            case .time: utimensat(AT_FDCWD, path, [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)], 0)
            case .mode: chmod(path, 0o755)
            case .content: try fixture.write("d/a", "two")
            case .name: rename(path, path + "2")
            }
            let second = try await fixture.run(dockerfile)
            #expect(second.isFromCache == (touch == .time))
            #expect((second.image.digest == first.image.digest) == (touch == .time))
        }
    }

    @Test("does not ask for the mode when --chmod says it") func givenMode() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a", "one", mode: 0o644)
            let dockerfile = "FROM scratch\nCOPY --chmod=600 a /a"
            _ = try await fixture.run(dockerfile)
            chmod(fixture.context.appending("a").string, 0o755)
            #expect(try await fixture.run(dockerfile).isFromCache)
        }
    }

    @Test("goes on where a step gives what it gave before") func sameResult() async throws {
        try await BuildFixture.with { fixture in
            try fixture.write("a", "1")
            let dockerfile = "FROM base AS one\nCOPY a /a\nRUN echo same > /out\nFROM base\nCOPY --from=one /out /out\nRUN echo next > /next"
            _ = try await fixture.run(dockerfile)
            try fixture.write("a", "2")
            let result = try await fixture.run(dockerfile)
            // The stage is another one, so what is taken from it is looked at again; what stands on the same result is not.
            #expect(result.steps.map(\.outcome) == [.made, .made, .made, .cached])
        }
    }

    @Test("lets two builds of the same thing at once run it once") func shared() async throws {
        try await BuildFixture.with { fixture in
            let request = try fixture.request("FROM base\nRUN sleep 0.3; echo x > /x")
            async let one = fixture.builder.build(request)
            async let other = fixture.builder.build(request)
            let results = try await [one, other]
            #expect(results[0].image.digest == results[1].image.digest)
            #expect(results.map(\.isFromCache).sorted { !$0 && $1 } == [false, true])
            #expect(Files.names(fixture.build.appending("cache/turns")).isEmpty)
        }
    }

    @Test("keeps layers of stages that are in no image through garbage collection") func intermediate() async throws {
        try await BuildFixture.with { fixture in
            let dockerfile = "FROM base AS one\nRUN echo x > /x\nFROM scratch\nCOPY --from=one /x /x"
            let first = try await fixture.run(dockerfile) { $0.tags = ["x"] }
            try fixture.store.unmountAll()
            _ = try fixture.store.collectGarbage(pinned: [])
            let second = try await fixture.run(dockerfile)
            #expect(second.isFromCache)
            #expect(second.image.digest == first.image.digest)
        }
    }

    @Test("is pruned by what was not used for longest, and only of what no image has") func pruned() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a", String(repeating: "a", count: 10_000))
            _ = try await fixture.run("FROM scratch\nCOPY a /kept") { $0.tags = ["kept"] }
            let dropped = try await fixture.run("FROM scratch\nCOPY a /one")
            _ = try fixture.store.collectGarbage(pinned: [])
            let policy = BuildCachePolicy(maximumSize: 0)
            let planned = try fixture.builder.pruneCache(policy, isDryRun: true)
            #expect(planned.layers.map(\.diffID) == dropped.image.layers.map(\.diffID))
            #expect(planned.freed > 0)
            #expect(try fixture.builder.cachedLayers().count == 2)
            try fixture.store.unmountAll()
            #expect(try fixture.builder.pruneCache(policy) == planned)
            #expect(try fixture.store.layer(diffID: dropped.image.layers[0].diffID) == nil)
            #expect(try await fixture.run("FROM scratch\nCOPY a /kept").isFromCache)
            #expect(try await !fixture.run("FROM scratch\nCOPY a /one").isFromCache)
        }
    }

    private static func layer(_ digit: Character, used: Int, size: Int, isInImage: Bool = false) -> RetainedLayer? {
        Digest(hex: String(repeating: digit, count: 64)).map {
            RetainedLayer(diffID: $0, usedAtSecond: used, size: ByteSize(size), isInImage: isInImage)
        }
    }

    @Test(
        "keeps within age and size",
        arguments: [
            (nil, nil, ""), (500, nil, "ab"), (nil, 60, "a"), (nil, 59, "ac"), (nil, 0, "acd"), (900, 1000, ""), (100, 0, "abcd"),
        ] as [(Int?, Int?, String)])
    func policy(_ seconds: Int?, _ bytes: Int?, _ gone: String) throws {
        let layers = [
            Self.layer("a", used: 100, size: 40), Self.layer("b", used: 200, size: 1000, isInImage: true), Self.layer("c", used: 600, size: 20),
            Self.layer("d", used: 700, size: 40),
        ].compactMap { $0 }
        let policy = BuildCachePolicy(maximumAge: seconds.map(Milliseconds.seconds), maximumSize: bytes.map { ByteSize($0) })
        #expect(String(policy.excess(of: layers, nowSecond: 1000).compactMap(\.diffID.hex.first)) == gone)
    }
}
