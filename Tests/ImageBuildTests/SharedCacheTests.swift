import Foundation
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("A shared cache") struct SharedCacheTests {
    private static let dockerfile = "FROM base AS one\nRUN echo other > /other\nFROM base\nCOPY a /a\nRUN cat /a > /b\nCOPY --from=one /other /other"

    /// Builds on one machine with `--cache-to`, then calls the body with another machine and the folder.
    private static func with(_ extent: CacheLocation.Extent = .min, _ body: (BuildFixture, CacheLocation, BuildResult) async throws -> Void)
        async throws
    {
        try await BuildFixture.with { first in
            try first.write("a", "one")
            let location = CacheLocation(folder: first.folder.appending("cache"), extent: extent)
            let result = try await first.run(dockerfile) { $0.cacheTargets = [location] }
            try await BuildFixture.with { second in
                try second.write("a", "one")
                try await body(second, location, result)
            }
        }
    }

    private static func folder(_ location: CacheLocation) throws -> FilePath {
        guard case .folder(let folder) = location.place else { throw BuildError.noRegistry }
        return folder
    }

    @Test("saves another machine the work", arguments: [CacheLocation.Extent.min, .max]) func taken(_ extent: CacheLocation.Extent) async throws {
        try await Self.with(extent) { fixture, location, first in
            let result = try await fixture.run(Self.dockerfile) { $0.cacheSources = [location] }
            #expect(result.image.digest == first.image.digest)
            #expect(result.steps.map(\.outcome) == (extent == .max ? [.cached, .cached, .cached, .cached] : [.made, .cached, .cached, .cached]))
        }
    }

    @Test("counts for nobody who does not name it") func forNobodyElse() async throws {
        try await Self.with(.max) { fixture, location, _ in
            _ = try await fixture.run(Self.dockerfile) { $0.cacheSources = [location] }
            let result = try await fixture.run(Self.dockerfile)
            #expect(result.steps.allSatisfy { $0.outcome == .made })
        }
    }

    @Test("that is written again keeps what is needed and nothing else") func again() async throws {
        try await Self.with { fixture, location, _ in
            let blobs = try Self.folder(location).appending("blobs/sha256")
            let before = Set(Files.names(blobs))
            try fixture.write("a", "two")
            _ = try await fixture.run(Self.dockerfile) {
                $0.cacheSources = [location]
                $0.cacheTargets = [location]
            }
            let after = Set(Files.names(blobs))
            #expect(after.count == before.count)
            #expect(after != before)
            // The layer of the stage that did not change is still the same file.
            #expect(!after.isDisjoint(with: before))
        }
    }

    enum Damage: String, CaseIterable, Sendable { case layer, swapped, missing, document }

    @Test("whose content is not what it says gives nothing", arguments: Damage.allCases) func damaged(_ damage: Damage) async throws {
        try await Self.with(.max) { fixture, location, first in
            try Self.damage(Self.folder(location), damage)
            let request = try fixture.request(Self.dockerfile) { $0.cacheSources = [location] }
            guard damage != .document else {
                let error = await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
                #expect(error?.code == "build.cache-invalid")
                return
            }
            let result = try await fixture.builder.build(request)
            #expect(result.image.digest == first.image.digest)
            #expect(result.steps.contains { $0.outcome == .made })
        }
    }

    /// Layers are files above all small documents; the largest two stand for all.
    private static func damage(_ folder: FilePath, _ damage: Damage) throws {
        let blobs = folder.appending("blobs/sha256")
        let files = Files.names(blobs).map { blobs.appending($0).string }
        let layers = try files.filter { try Data(contentsOf: URL(fileURLWithPath: $0)).prefix(2) == Data([0x1f, 0x8b]) }.sorted()
        switch damage {
        case .layer: for layer in layers { try Data([0x1f, 0x8b, 8, 0, 1]).write(to: URL(fileURLWithPath: layer)) }
        case .missing: for layer in layers { try FileManager.default.removeItem(atPath: layer) }
        case .swapped:
            let contents = try layers.map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
            for (layer, content) in zip(layers, contents.reversed()) where layers.count > 1 { try content.write(to: URL(fileURLWithPath: layer)) }
        case .document:
            for file in files where !layers.contains(file) { try Data("{}".utf8).write(to: URL(fileURLWithPath: file)) }
        }
    }

    @Test("that is not there yet is no error, and one that is something else is") func missing() async throws {
        try await BuildFixture.with(base: false) { fixture in
            try fixture.write("a", "a")
            let result = try await fixture.run("FROM scratch\nCOPY a /") { $0.cacheSources = [CacheLocation(folder: "/nonexistent/cache")] }
            #expect(result.steps.map(\.outcome) == [.made])
            let request = try fixture.request("FROM scratch\nCOPY a /") { $0.cacheSources = [CacheLocation(folder: fixture.context)] }
            await #expect(throws: BuildError.self) { try await fixture.builder.build(request) }
            let target = try fixture.request("FROM scratch\nCOPY a /") { $0.cacheTargets = [CacheLocation(folder: fixture.context)] }
            await #expect(throws: StoreError.self) { try await fixture.builder.build(target) }
        }
    }

    @Test("is named as Docker names it") func parsed() throws {
        #expect(try CacheLocation(source: "type=local,src=/c") == CacheLocation(folder: "/c"))
        #expect(try CacheLocation(target: "type=local,dest=/c,mode=max") == CacheLocation(folder: "/c", extent: .max))
        #expect(try CacheLocation(target: "type=registry,ref=r.example/x,mode=max") == CacheLocation(.registry("r.example/x"), extent: .max))
        #expect(try CacheLocation(source: "docker.io/x") == CacheLocation(.registry("docker.io/x")))
        for text in ["type=inline", "type=gha", "type=nothing"] {
            let error = #expect(throws: BuildError.self) { try CacheLocation(target: text) }
            #expect(error?.code == "build.cache-unsupported", "\(text)")
        }
        for text in ["type=local", "type=registry", "type=local,dest=x,mode=most", "type=local,where=x", "dest=x"] {
            let error = #expect(throws: BuildError.self) { try CacheLocation(target: text) }
            #expect(error?.code == "build.invalid-option", "\(text)")
        }
    }
}
