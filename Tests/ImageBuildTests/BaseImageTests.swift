import Foundation
import ImageStore
import IngotModel
import Logging
import SystemPackage
import Testing

@testable import ImageBuild

@Suite("A base image")
struct BaseImageTests {
    @Test("takes the host's sources of its suite, in both styles, and no others")
    func hostSources() {
        let list = "# deb http://no bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://a/debian bookworm main contrib\ndeb http://b sid main"
        let sources = """
            Types: deb
            # a comment
            URIs: http://c/debian
            Suites: bookworm bookworm-updates bookworm-other
            Components: main
            Signed-By: /d.gpg

            Types: deb
            URIs: http://e
            Suites: bookworm-security
            Components: main
            Enabled: no
            """
        var base = BaseImageSpecification(name: "x", suite: "bookworm", packages: [])
        let found = AptSource.sources(base, host: [list, sources])
        #expect(
            found.map(\.line) == [
                "deb [signed-by=/k.gpg] http://a/debian bookworm main contrib", "deb [signed-by=/d.gpg] http://c/debian bookworm main",
                "deb [signed-by=/d.gpg] http://c/debian bookworm-updates main",
            ])
        base.suite = "trixie"
        #expect(AptSource.sources(base, host: [list]).count == 3)
        base.distribution = .ubuntu
        #expect(AptSource.sources(base, host: [list]).map(\.components) == Array(repeating: ["main", "universe"], count: 3))
        base.mirror = "http://m"
        #expect(AptSource.sources(base, host: [list]).map(\.uri) == ["http://m"])
    }

    @Test(
        "has the archive's date",
        arguments: [
            ("Origin: Debian\nDate: Sat, 11 Jul 2026 10:16:37 UTC\n", "2026-07-11T10:16:37.000Z"),
            ("Date: Sat, 1 Jan 2000  1:02:03 UTC", "2000-01-01T01:02:03.000Z"),
            ("Date: nonsense", nil), ("", nil),
        ] as [(String, String?)])
    func date(release: String, expected: String?) {
        #expect(ReleaseDate.parse(release)?.text == expected)
    }

    @Test("has the date of its snapshot")
    func snapshot() {
        #expect(ReleaseDate.ofSnapshot("20261101T020304Z")?.text == "2026-11-01T02:03:04.000Z")
        #expect(ReleaseDate.ofSnapshot("2026") == nil)
    }

    @Test("refuses names that would be options or anything else", arguments: ["--hook", "a b", "a;b", "", "a,b"])
    func names(package: String) {
        let specification = BaseImageSpecification(name: "x", suite: "bookworm", packages: [package])
        #expect(throws: BuildError.self) { try BaseImageBuilder.check(specification) }
    }

    /// Asks Debian's archive for its newest release as apt does, briefly.
    private static let hasArchive: Bool = {
        let process = Process()
        let file = "/tmp/ingot-release-\(UInt32.random(in: 0 ... .max))"
        defer { try? FileManager.default.removeItem(atPath: file) }
        process.executableURL = URL(fileURLWithPath: "/usr/lib/apt/apt-helper")
        process.arguments = [
            "-o", "Acquire::Retries=0", "-o", "Acquire::http::Timeout=10", "download-file", "http://deb.debian.org/debian/dists/bookworm/Release",
            file,
        ]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let isThere = ["/usr/lib/apt/apt-helper", "/usr/bin/mmdebstrap"].allSatisfy(FileManager.default.isExecutableFile)
        guard isThere, (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }()

    @Test("is the same twice, in two stores, and then fresh", .enabled(if: hasArchive, "SKIPPED: needs mmdebstrap and Debian's archive"))
    func twice() async throws {
        var tiny = BaseImageSpecification(name: "tiny", suite: "bookworm", packages: ["base-files"])
        tiny.variant = .distroless
        let specification = tiny
        let first = try await Self.build(specification) { builder, fixture, image in
            let changes = try await builder.changes(specification)
            #expect(changes.isEmpty, "\(changes)")
            #expect(try fixture.text("usr/lib/os-release", of: image).contains("bookworm"))
        }
        let second = try await Self.build(specification) { _, _, _ in }
        #expect(first.digest == second.digest)
        #expect(first.layers.map(\.diffID) == second.layers.map(\.diffID))
    }

    private static func build(
        _ specification: BaseImageSpecification, _ body: (BaseImageBuilder, BuildFixture, Image) async throws -> Void
    ) async throws -> Image {
        try await BuildFixture.with(base: false) { fixture in
            let builder = BaseImageBuilder(store: fixture.store, cacheFolder: fixture.build, logger: Logger(label: "test"))
            let image = try await builder.build(specification)
            #expect(fixture.leftovers.isEmpty)
            try await body(builder, fixture, image)
            return image
        }
    }

    @Test("asks mmdebstrap for its packages, without docs")
    func arguments() {
        let specification = BaseImageSpecification(name: "x", suite: "bookworm", architecture: "amd64", packages: ["python3", "ca-certificates"])
        let arguments = BaseImageBuilder.arguments(specification, sources: [], archive: "/o.tar")
        #expect(arguments.contains("--include=python3,ca-certificates"))
        #expect(arguments.contains("--variant=essential"))
        #expect(arguments.suffix(2) == ["bookworm", "/o.tar"])
    }
}
