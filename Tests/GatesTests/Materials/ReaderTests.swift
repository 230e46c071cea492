import Foundation
import IngotModel
import Simulation
import Testing

@testable import Gates

@Suite("Reading what is installed") struct ReaderTests {
    private static func read(_ path: String, _ bytes: [UInt8]) throws -> Materials {
        let name = path.split(separator: "/").last.map { Array($0.utf8) } ?? []
        let reader = try #require(MaterialReader.reader(for: Array(path.utf8), name: name), "nobody reads \(path)")
        return reader.read(bytes, path)
    }

    @Test("dpkg's status keeps source packages, and leaves out what was removed") func dpkg() throws {
        let text = """
            Package: libssl3
            Status: install ok installed
            Architecture: amd64
            Source: openssl (3.0.11-1)
            Version: 3.0.11-1+b1
            Description: x
             Version: not this

            Package: gone
            Status: deinstall ok config-files
            Version: 1

            Package: half
            Status: install ok half-configured
            Source: whole
            Version: 2
            """
        let found = try Self.read("var/lib/dpkg/status", Array(text.utf8))
        #expect(found.problems.isEmpty)
        #expect(found.packages.map(\.name) == ["libssl3", "half"])
        #expect(found.packages[0].source == .init(name: "openssl", version: "3.0.11-1"))
        #expect(found.packages[0].architecture == "amd64")
        #expect(found.packages[1].source == .init(name: "whole", version: "2"))
    }

    @Test(
        "lines of each ecosystem give its packages",
        arguments: [
            ("lib/apk/db/installed", "P:musl-utils\nV:1.2.4-r2\nA:x86_64\nL:MIT\no:musl\nF:usr/bin\nR:ldd\n\n", ["musl-utils 1.2.4-r2"]),
            (
                "usr/lib/python3/dist-packages/Zope.Interface-5.0.dist-info/METADATA",
                "Name: Zope.Interface\nVersion: 5.0\n\nName: x\n",
                ["zope-interface 5.0"]
            ),
            ("app/requirements.txt", "a_b[x]==1.0 ; python_version > '3'\n# c==2\nd>=1\ne==1.*\n-r other\nf == 2.0 \\\n", ["a-b 1.0", "f 2.0"]),
            ("app/poetry.lock", "[[package]]\nname = \"x\"\nversion = \"1.2\"\n\n[metadata]\nname = \"no\"\n", ["x 1.2"]),
            ("app/Pipfile.lock", #"{"default":{"b":{"version":"==2"}},"develop":{"a":{"version":"==1"}}}"#, ["a 1", "b 2"]),
            ("app/node_modules/@s/n/package.json", #"{"name":"@s/n","version":"1.0.0","license":{"type":"MIT"}}"#, ["@s/n 1.0.0"]),
            (
                "app/package-lock.json",
                #"{"packages":{"":{"version":"0"},"node_modules/a/node_modules/@b/c":{"version":"3"},"x":{"link":true}}}"#,
                ["@b/c 3"]
            ),
            (
                "app/package-lock.json",
                #"{"dependencies":{"a":{"version":"1","dependencies":{"b":{"version":"2"}}},"g":{"version":"git+ssh://x"}}}"#,
                ["a 1", "b 2"]
            ),
            ("app/yarn.lock", "# yarn\n\"@a/b@^1\", \"@a/b@^1.1\":\n  version \"1.2.0\"\nc@^2:\n  version \"2.0.0\"\n", ["@a/b 1.2.0", "c 2.0.0"]),
            ("app/yarn.lock", "\"x@npm:y@1\":\n  version: 1.0\n\"w@workspace:.\":\n  version: 0.0\n", ["y 1.0"]),
            (
                "app/pnpm-lock.yaml",
                "lockfileVersion: 6.0\npackages:\n\n  /a@1.0.0:\n    x: y\n  '@b/c@2.0.0(d@1)':\n  /e/3.0.0_f:\nother:\n  g@1.0.0:\n",
                ["a 1.0.0", "@b/c 2.0.0", "e 3.0.0"]
            ),
            (
                "app/Cargo.lock",
                "[[package]]\nname = \"own\"\nversion = \"0\"\n[[package]]\nname = \"serde\"\nversion = \"1.0\"\nsource = \"registry+https://x\"\n",
                ["serde 1.0"]
            ),
            ("var/lib/gems/3.1.0/specifications/a-b2-1.2.3-x86_64-linux.gemspec", "", ["a-b2 1.2.3"]),
            (
                "app/Gemfile.lock",
                "PATH\n  specs:\n    own (1)\nGEM\n  specs:\n    rake (13.0.6)\n      dep (1)\n    nokogiri (1.15-x86_64-linux)\n",
                ["rake 13.0.6", "nokogiri 1.15"]
            ),
            ("app/x.deps.json", #"{"libraries":{"Own/1":{"type":"project"},"A.B/2.0":{"type":"package"}}}"#, ["A.B 2.0"]),
        ])
    func table(_ path: String, _ text: String, _ packages: [String]) throws {
        let found = try Self.read(path, Array(text.utf8))
        #expect(found.packages.map { "\($0.name) \($0.version)" } == packages)
        #expect(found.problems.isEmpty)
    }

    @Test("os-release says which system it is") func distribution() throws {
        let found = try Self.read("etc/os-release", Array("ID=debian\nVERSION_ID=\"12\"\nVERSION_CODENAME=bookworm\nPRETTY_NAME='Debian 12'\n".utf8))
        #expect(found.distribution == Distribution(id: "debian", versionID: "12", codename: "bookworm", name: "Debian 12"))
    }

    @Test(
        "broken files are problems",
        arguments: [
            ("var/lib/dpkg/status", "Version: 1\n"), ("lib/apk/db/installed", "nonsense\n"), ("app/Pipfile.lock", "{"), ("a/x.jar", "PK"),
            ("app/package-lock.json", String(repeating: "[", count: 100_000)), ("etc/os-release", "NAME=x\n"),
            ("a/node_modules/b/package.json", "{\"name\""), ("a.dist-info/METADATA", "Name: only\n"),
        ])
    func broken(_ path: String, _ text: String) throws { #expect(try !Self.read(path, Array(text.utf8)).problems.isEmpty) }

    @Test("random bytes never trap a reader", arguments: 0..<40) func random(_ seed: Int) throws {
        var generator = SeededGenerator(seed: UInt64(seed) &+ 1)
        let starts: [[UInt8]] = [[], [0x50, 0x4b, 5, 6], ElfFile.magic + [2, 1], ElfFile.magic + [1, 2], Array("{\"packages\":{".utf8)]
        for reader in MaterialReader.all {
            let length = Int.random(in: 0...600, using: &generator)
            let bytes = starts[seed % starts.count] + (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            _ = reader.read(bytes, "var/x/specifications/a.gemspec")
            _ = try ProgramReader.read(size: bytes.count) { Array(bytes[$0.clamped(to: 0..<bytes.count)]) }
        }
    }

    /// Status files that others published. `INGOT_TEST_DATA` says where they are.
    static let published: URL = {
        if let path = ProcessInfo.processInfo.environment["INGOT_TEST_DATA"] { return URL(fileURLWithPath: path).appendingPathComponent("dpkg") }
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<5 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("shared/data/dpkg")
    }()

    static var publishedNames: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: published.path)) ?? []).filter { $0.hasSuffix(".status") }.sorted()
    }

    @Test(
        "published status files are read whole",
        .enabled(if: !publishedNames.isEmpty, "SKIPPED: no published status files; set INGOT_TEST_DATA to the folder that has dpkg/"),
        arguments: publishedNames)
    func published(_ name: String) throws {
        let bytes = try Array(Data(contentsOf: Self.published.appendingPathComponent(name)))
        let installed = String(decoding: bytes, as: UTF8.self).components(separatedBy: "\n\n").filter {
            $0.contains("Package: ") && $0.contains("\nVersion: ") && !$0.contains(" config-files") && !$0.contains(" not-installed")
        }
        #expect(try Self.read("var/lib/dpkg/status", bytes).packages.count == installed.count)
    }
}
