import IngotModel
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

    @Test("asks mmdebstrap for its packages, without docs")
    func arguments() {
        let specification = BaseImageSpecification(name: "x", suite: "bookworm", architecture: "amd64", packages: ["python3", "ca-certificates"])
        let arguments = BaseImageBuilder.arguments(specification, sources: [], archive: "/o.tar")
        #expect(arguments.contains("--include=python3,ca-certificates"))
        #expect(arguments.contains("--variant=essential"))
        #expect(arguments.suffix(2) == ["bookworm", "/o.tar"])
    }
}
