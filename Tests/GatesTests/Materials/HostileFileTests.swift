import Foundation
import Testing

@testable import Gates

/// What can't be read is a problem of the bill, never an empty list: a gate would open on that.
@Suite("Broken and hostile records of what is installed") struct HostileFileTests {
    private static func read(_ path: String, _ bytes: [UInt8]) throws -> Materials {
        let name = path.split(separator: "/").last.map { Array($0.utf8) } ?? []
        let reader = try #require(MaterialReader.reader(for: Array(path.utf8), name: name), "nobody reads \(path)")
        return reader.read(bytes, path)
    }

    private static let paths = [
        "var/lib/dpkg/status", "var/lib/dpkg/status.d/a", "lib/apk/db/installed", "etc/os-release", "a/b.dist-info/METADATA", "app/poetry.lock",
        "app/uv.lock", "app/Pipfile.lock", "app/node_modules/a/package.json", "app/package-lock.json", "app/yarn.lock", "app/pnpm-lock.yaml",
        "app/Cargo.lock", "app/a.jar", "app/Gemfile.lock", "app/a.deps.json",
    ]

    @Test("nonsense is a problem for every reader", arguments: paths)
    func nonsense(_ path: String) throws {
        let texts = ["nonsense\n", "<html><body>404</body></html>", "[1, 2]", "\u{0}\u{0}\u{0}\u{0}", "key = value\n", "- a\n- b\n"]
        let all = texts.map { Array($0.utf8) } + [[0xff, 0xfe, 0x41, 0x00, 0x0a], Array(repeating: 0xc3, count: 5_000)]
        for bytes in all {
            let found = try Self.read(path, bytes)
            #expect(found.packages.isEmpty && found.distribution == nil)
            #expect(!found.problems.isEmpty, "\(String(decoding: bytes.prefix(20), as: UTF8.self))")
        }
    }

    @Test(
        "a lock file that is cut, or says a thing in a form that is not read, is a problem",
        arguments: [
            ("app/Cargo.lock", "[[package]]\nname = \"a\"\n"),
            ("app/Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\ndependencies = [\n \"b\",\n"),
            ("app/Cargo.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\nversion = \"2\"\n"),
            ("app/Cargo.lock", "package = [{ name = \"a\", version = \"1\" }]\n"),
            ("app/poetry.lock", "[[package]]\nname = \"a\"\nversion = \"1\nx"),
            ("app/poetry.lock", "[[package]]\nname = \"a\"\nversion = 1\n"),
            ("app/poetry.lock", "[[package]]\nname = \"a\"\nversion = \"1\"\ndescription = \"\"\"\n[[package]]\n"),
            ("app/uv.lock", "[[package]]\nname = \"a\"\nsource = { registry = \"https://pypi.org/simple\" }\n"),
            ("app/yarn.lock", "# yarn lockfile v1\n\na@^1:\n  resolved \"x\"\n"),
            ("app/yarn.lock", "# yarn lockfile v1\n\na@^1\n  version \"1\"\n"),
            ("app/yarn.lock", "a@^1:\n  version \"1\"\nb@^2:\n"),
            ("app/pnpm-lock.yaml", "lockfileVersion: 5.4\npackages: { /a/1.0.0: {} }\n"),
            ("app/pnpm-lock.yaml", "lockfileVersion: 5.4\npackages:\n    /a/1.0.0:\n        dev: true\n"),
            ("app/pnpm-lock.yaml", "lockfileVersion: 5.4\npackages:\n  nothing:\n    dev: true\n"),
            ("app/pnpm-lock.yaml", "packages:\n  /a/1.0.0:\n    dev: true\n"),
            ("app/Gemfile.lock", "GEM\n  specs:\n    rake\n"),
            ("app/package-lock.json", "{}"),
            ("app/package-lock.json", #"{"lockfileVersion":3,"packages":{"node_modules/a":{}}}"#),
            ("app/package-lock.json", #"{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1"}},"packages":{}}"#),
            ("app/package-lock.json", #"{"lockfileVersion":3,"packages":{"node_modules/a":{"version":"1","\u0076ersion":"2"}}}"#),
            ("app/Pipfile.lock", "{}"), ("app/a.deps.json", "{}"), ("app/a.deps.json", #"{"libraries":{"a":{"type":"package"}}}"#),
            ("var/lib/dpkg/status", "Package: a\nVersion: 1\nVersion: 2\n"), ("var/lib/dpkg/status", "Package: a\nVersion: 1\n\nPackage: b\n"),
            ("lib/apk/db/installed", "P:a\nV:1\nV:2\n\n"), ("var/lib/dpkg/status", "Package: a b\nVersion: 1\n"),
            ("app/requirements.txt", "a==1\u{0}\n"), ("app/requirements.txt", "==1\n"),
        ])
    func broken(_ path: String, _ text: String) throws { #expect(try !Self.read(path, Array(text.utf8)).problems.isEmpty) }

    @Test("bytes that are no UTF-8 in a name or a version are a problem, elsewhere they are not") func invalidText() throws {
        func status(_ name: [UInt8], _ description: [UInt8]) -> [UInt8] {
            Array("Package: a".utf8) + name + Array("\nVersion: 1\nMaintainer: J".utf8) + description + Array("rg\n".utf8)
        }
        #expect(try Self.read("var/lib/dpkg/status", status([], [0xf6])).problems.isEmpty)
        #expect(try !Self.read("var/lib/dpkg/status", status([0xf6], [])).problems.isEmpty)
        #expect(try !Self.read("app/requirements.txt", [0x61, 0xf6, 0x3d, 0x3d, 0x31]).problems.isEmpty)
    }

    @Test(
        "an empty lock file of each kind is none",
        arguments: [
            ("app/poetry.lock", "package = []\n\n[metadata]\nlock-version = \"2.0\"\n"), ("app/yarn.lock", "# yarn lockfile v1\n\n\n"),
            ("app/yarn.lock", "__metadata:\n  version: 8\n"), ("app/pnpm-lock.yaml", "lockfileVersion: '9.0'\n\nimporters:\n\n  .: {}\n"),
            ("app/package-lock.json", #"{"name":"x","lockfileVersion":3,"requires":true,"packages":{}}"#),
            ("app/Gemfile.lock", "PLATFORMS\n  ruby\n"),
            ("app/uv.lock", "version = 1\n\n[[package]]\nname = \"own\"\nsource = { virtual = \".\" }\n"),
            (
                "app/Cargo.lock",
                "# generated\nversion = 3\n\n[[package]]\nname = \"own\"\nversion = \"0.1.0\"\ndependencies = [\n \"x\", # why\n]\n\n[metadata]\n\"checksum a 1 (registry+https://x?a=b)\" = \"c\"\n"
            ),
            ("app/Pipfile.lock", #"{"_meta":{},"default":{},"develop":{}}"#),
        ])
    func empty(_ path: String, _ text: String) throws {
        let found = try Self.read(path, Array(text.utf8))
        #expect(found.packages.isEmpty || found.packages.map(\.name) == ["own"])
        #expect(found.problems.isEmpty)
    }

    @Test(
        "deep nesting and huge counts end soon, and are problems",
        arguments: [
            ("app/package-lock.json", String(repeating: "[", count: 1_000_000)),
            ("app/package-lock.json", String(repeating: #"{"dependencies":{"a":"#, count: 100_000)),
            ("app/Cargo.lock", "a = " + String(repeating: "[", count: 1_000_000)), ("app/yarn.lock", String(repeating: "\"", count: 1_000_000) + ":"),
            ("app/pnpm-lock.yaml", "packages:\n" + String(repeating: " ", count: 1_000_000) + "x"),
            ("lib/apk/db/installed", String(repeating: "P:a\nV:1\n\n", count: MaterialLimits.packages + 1)),
            ("var/lib/dpkg/status", "Package: " + String(repeating: "a", count: 100_000) + "\nVersion: 1\n"),
            ("app/a.deps.json", "{\"libraries\":" + String(repeating: "{\"a\":", count: 100_000)),
        ])
    func huge(_ path: String, _ text: String) throws {
        let found = try Self.read(path, Array(text.utf8))
        #expect(!found.problems.isEmpty && found.problems.count <= 16)
        #expect(found.packages.count <= MaterialLimits.packages)
        #expect(found.problems.allSatisfy { $0.utf8.count < 1_000 })
    }

    @Test("a table's name may be written with blanks, quotes and a comment", arguments: ["[[package]] # a", "[[ package ]]", "[[\"package\"]]"])
    func tableNames(_ header: String) throws {
        let found = try Self.read("app/poetry.lock", Array("\(header)\nname = \"a\"\nversion = \"1\"\n".utf8))
        #expect(found.packages.map(\.name) == ["a"] && found.problems.isEmpty)
    }

    // MARK: Archives

    private static let properties = Array("groupId=org.x\nartifactId=y\nversion=1.2\n".utf8)

    @Test("an archive says what is in it, also behind a script that starts it and with a comment") func archive() throws {
        let entry = ArchiveSample.Entry(name: "META-INF/maven/org.x/y/pom.properties", content: Self.properties)
        let jar = ArchiveSample.zip([entry])
        let war = ArchiveSample.zip([.init(name: "WEB-INF/lib/y.jar", content: jar)], prefix: Array("#!/bin/sh\nexec java\n".utf8))
        let commented = ArchiveSample.zip([entry], comment: [0x50, 0x4b, 5, 6] + [UInt8](repeating: 0, count: 40))
        for (path, bytes) in [("a.jar", jar), ("a.war", war), ("a.jar", commented)] {
            let found = try Self.read(path, bytes)
            #expect(found.packages.map { "\($0.name) \($0.version)" } == ["org.x:y 1.2"])
            #expect(found.problems.isEmpty)
        }
    }

    @Test("an archive that Maven did not make has its artifact's name, and no group") func noGroup() throws {
        let manifest = Array("Manifest-Version: 1.0\nImplementation-Title: spring-core\nImplementation-Version: 5.3.1\n".utf8)
        let jar = ArchiveSample.zip([.init(name: "META-INF/MANIFEST.MF", content: manifest)])
        #expect(try Self.read("app/spring-core-5.3.1.jar", jar).packages.map { "\($0.name) \($0.version)" } == ["spring-core 5.3.1"])
    }

    @Test("bombs, nesting, and entries that lie in one place end soon, and are problems") func bombs() throws {
        let properties = "META-INF/maven/a/b/pom.properties"
        let bomb = ArchiveSample.bomb(megabytes: 64)
        var nested = ArchiveSample.zip([.init(name: properties, content: Self.properties)])
        for _ in 0..<5 { nested = ArchiveSample.zip([.init(name: "x.jar", content: nested)]) }
        let large = ArchiveSample.zip([.init(name: "a", content: [UInt8](repeating: 7, count: 1 << 20))])
        // The count stands twice in the 22 bytes of the end.
        var undercounted = ArchiveSample.zip([.init(name: "a", content: [])], copies: 2)
        for offset in [14, 12] { undercounted[undercounted.count - offset] = 1 }
        let archives: [String: [UInt8]] = [
            "a bomb as properties": ArchiveSample.zip([.init(name: properties, content: bomb, method: 8, size: 10)]),
            "a bomb as an archive": ArchiveSample.zip([.init(name: "x.jar", content: bomb, method: 8, size: 10)]),
            "nested": nested,
            "one place, many names": ArchiveSample.zip([.init(name: "x.jar", content: large)], copies: 60_000),
            "an unknown method": ArchiveSample.zip([.init(name: properties, content: Self.properties, method: 14)]),
            "more entries than the end counts": undercounted,
        ]
        for (name, bytes) in archives { #expect(try !Self.read("a.jar", bytes).problems.isEmpty, "\(name)") }
    }

    @Test("every cut of an archive is a problem") func cuts() throws {
        let jar = ArchiveSample.zip([.init(name: "META-INF/maven/a/b/pom.properties", content: Self.properties)])
        for end in 0..<jar.count { #expect(try !Self.read("a.jar", Array(jar[..<end])).problems.isEmpty, "\(end)") }
    }

    // MARK: Programs

    private static func program(_ bytes: [UInt8]) throws -> Materials {
        try ProgramReader.read(size: bytes.count) { Array(bytes[$0.clamped(to: 0..<bytes.count)]) }
    }

    @Test("a program whose list of crates is a bomb or nonsense, and one that is packed, are problems") func programs() throws {
        let bomb: [UInt8] = [0x78, 0x9c] + ArchiveSample.bomb(megabytes: 64)
        #expect(try !Self.program(ProgramSample.program(section: ".dep-v0", bomb)).problems.isEmpty)
        #expect(try !Self.program(ProgramSample.program(section: ".dep-v0", [1, 2, 3])).problems.isEmpty)
        var packed = ProgramSample.program(section: ".text", [UInt8](repeating: 0, count: 600))
        packed.replaceSubrange(200..<204, with: "UPX!".utf8)
        #expect(try !Self.program(packed).problems.isEmpty)
    }

    @Test("Go's build information with a damaged list is a problem, one without modules is none")
    func goInformation() throws {
        func information(_ version: String, _ modules: [UInt8]) -> [UInt8] {
            GoBuildInformation.magic + [8, 2] + [UInt8](repeating: 0, count: 16) + [UInt8(version.utf8.count)] + Array(version.utf8)
                + [UInt8(modules.count)] + modules
        }
        func read(_ version: String, _ modules: [UInt8]) throws -> Materials {
            try Self.program(ProgramSample.program(section: ".go.buildinfo", information(version, modules)))
        }
        #expect(try read("go1.21.3", []).packages.map(\.version) == ["1.21.3"])
        #expect(try read("devel go1.23-6b85dc9 Thu", []).packages.map(\.version) == ["1.23-6b85dc9"])
        #expect(try !read("something", []).problems.isEmpty)
        #expect(try !read("go1.21.3", [1, 2, 3]).problems.isEmpty)
    }

    // MARK: Records of others

    @Test(
        "records of package managers that are not read are a problem",
        arguments: [
            "var/lib/rpm/rpmdb.sqlite", "usr/lib/sysimage/rpm/Packages.db", "var/lib/pacman/local/ALPM_DB_VERSION", "opt/conda/conda-meta/history",
            "app/vendor/composer/installed.json", "nix/var/nix/db/db.sqlite", "usr/lib/opkg/status", "var/db/pkg/sys-libs/glibc-2.38/PF",
        ])
    func unread(_ path: String) throws {
        let name = Array(path.split(separator: "/").last.map { $0.utf8 } ?? "".utf8[...])
        #expect(MaterialReader.reader(for: Array(path.utf8), name: name)?.refusal != nil)
    }
}
