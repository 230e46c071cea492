import Foundation
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import Gates

@Suite("Bill of materials") struct BillTests {
    private static func digest(_ digit: Character) throws -> Digest { try #require(Digest(hex: String(repeating: digit, count: 64))) }

    private static func layer(_ packages: [String: String], covers: [String] = [], opaque: [String] = [], owned: [String] = []) -> LayerMaterials {
        var layer = LayerMaterials()
        for (path, name) in packages.sorted(by: { $0.key < $1.key }) {
            layer.files.append(.init(path: path, materials: Materials(packages: [Package(ecosystem: .pypi, name: name, version: "1")])))
            layer.cover.addName(path.utf8)
        }
        for path in covers { layer.cover.addName(path.utf8) }
        for path in opaque { layer.cover.addOpaqueFolder(path.utf8) }
        if !owned.isEmpty {
            let hashes = owned.map { OwnedPath.hash(Array($0.utf8)) }
            layer.files.append(.init(path: "var/lib/dpkg/info/x.list", materials: Materials(ownedFiles: hashes)))
        }
        return layer
    }

    @Test("what an upper layer hides is not in the image") func hidden() throws {
        let lower = Self.layer([
            "a/gone": "gone", "b/replaced": "old", "c/d/below": "below", "e/opaque/x": "opaque", "f/kept": "kept", "g/folder/x": "file",
        ])
        let upper = Self.layer(["b/replaced": "new", "e/opaque/y": "fresh"], covers: ["a/gone", "c", "g/folder"], opaque: ["e/opaque"])
        let bill = BillOfMaterials.join(image: try Self.digest("0"), [(try Self.digest("1"), lower), (try Self.digest("2"), upper)])
        #expect(bill.packages.map(\.name) == ["fresh", "kept", "new"])
        #expect(bill.packages[2].locations == [.init(layer: try Self.digest("2"), path: "/b/replaced")])
    }

    @Test("a package at two places is one, and one free place is enough to judge it") func merged() throws {
        let lower = Self.layer(["usr/lib/p/a": "a", "usr/lib/p/b": "b"], owned: ["lib/p/a", "usr/lib/p/b"])
        let upper = Self.layer(["opt/a": "a"])
        let bill = BillOfMaterials.join(image: try Self.digest("0"), [(try Self.digest("1"), lower), (try Self.digest("2"), upper)])
        #expect(bill.packages.map(\.isOwnedByDistribution) == [false, true])
        #expect(bill.packages[0].locations.count == 2)
    }

    @Test("a file that another layer put in the place of a package's is not the package's, nor is one of a package that is gone")
    func replaced() throws {
        func layer(_ list: String?, _ name: String, owner: String = "p") -> LayerMaterials {
            var layer = Self.layer(["usr/lib/p/METADATA": name])
            if let list {
                let hashes = [OwnedPath.hash(Array("usr/lib/p/METADATA".utf8))]
                layer.files.append(.init(path: list, materials: Materials(owner: owner, ownedFiles: hashes)))
                layer.cover.addName(list.utf8)
            }
            return layer
        }
        var status = LayerMaterials()
        status.files.append(
            .init(path: "var/lib/dpkg/status", materials: Materials(packages: [Package(ecosystem: .debian, name: "p", version: "1")])))
        let list = "var/lib/dpkg/info/p.list"
        func owned(_ layers: [LayerMaterials]) throws -> [Bool] {
            let digests = try "123456".map(Self.digest)
            let bill = BillOfMaterials.join(image: try Self.digest("0"), zip(digests, layers).map { ($0, $1) })
            return bill.packages.filter { $0.ecosystem == .pypi }.map(\.isOwnedByDistribution)
        }
        #expect(try owned([status, layer(list, "old")]) == [true])
        #expect(try owned([status, layer(list, "old"), layer(nil, "new")]) == [false])
        // The package itself brings the new one.
        #expect(try owned([status, layer(list, "old"), layer(list, "new")]) == [true])
        #expect(try owned([layer(list, "old")]) == [false])
        #expect(try owned([status, layer(list, "old", owner: "gone")]) == [false])
        var removal = LayerMaterials()
        removal.cover.addName(list.utf8)
        #expect(try owned([status, layer(list, "old"), removal]) == [false])
    }

    @Test("a layer's record survives being kept") func kept() throws {
        let layer = Self.layer(["a": "x"], covers: ["b"], opaque: ["c"], owned: ["d"])
        #expect(try JSONDecoder().decode(LayerMaterials.self, from: JSONEncoder().encode(layer)) == layer)
    }

    private static func tree(_ files: [String: String]) throws -> FileTree {
        var tree = FileTree()
        for (path, text) in files {
            try tree.insert(.regular(FileContent(text: text), FileMetadata(mode: 0o644)), at: TreePath(path))
        }
        return tree
    }

    private static func withStore(_ body: (ImageStore) throws -> Void) throws {
        let path = "/tmp/ingot-gates-\(getpid())-\(UInt64.random(in: .min ... .max))"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let store = try ImageStore(root: FilePath(path))
        defer { try? store.unmountAll() }
        try body(store)
    }

    @Test("an image's bill comes from its layers, and a database that is a link leaves the gate closed") func image() throws {
        try Self.withStore { store in
            var lowest = try Self.tree(["etc/os-release": "ID=debian\nVERSION_ID=12\n", "var/lib/dpkg/status": "Package: a\nVersion: 1\n"])
            try lowest.insert(.symbolicLink(to: "/var/lib/dpkg/status"), at: TreePath("lib/apk/db/installed"))
            let upper = try Self.tree(["var/lib/dpkg/status": "Package: a\nVersion: 2\n\nPackage: b\nVersion: 1\n"])
            let image = try store.addImage(ImageConfiguration(), layers: [store.addLayer(lowest), store.addLayer(upper)])
            let bill = try BillOfMaterials.of(image, in: store)
            #expect(bill.packages.map { "\($0.name) \($0.version)" } == ["a 2", "b 1"])
            #expect(bill.distribution?.id == "debian")
            #expect(bill.problems.map(\.path) == ["/lib/apk/db/installed"])
            #expect(!bill.refusals.isEmpty)
            // The layers' notes say the same as the layers.
            try store.unmountAll()
            #expect(try BillOfMaterials.of(image, in: store) == bill)
            let document = try BillDocument.cyclonedx.write(bill, name: "x", created: nil)
            #expect(try BillDocument.cyclonedx.write(bill, name: "x", created: nil) == document)
            #expect(String(decoding: document, as: UTF8.self).contains("pkg:deb/debian/a@2?distro=debian-12"))
        }
    }

    @Test("a program that may not be executed is looked at, and folders of records that are links leave the gate closed") func programs() throws {
        try Self.withStore { store in
            let version = Array("go1.21.3".utf8)
            let information = GoBuildInformation.magic + [8, 2] + [UInt8](repeating: 0, count: 16) + [UInt8(version.count)] + version + [0]
            var tree = FileTree()
            let program = FileContent(bytes: ProgramSample.program(section: ".go.buildinfo", information))
            try tree.insert(.regular(program, FileMetadata(mode: 0o644)), at: TreePath("app/program"))
            try tree.insert(.symbolicLink(to: "/mnt"), at: TreePath("var/lib/dpkg"))
            let image = try store.addImage(ImageConfiguration(), layers: [store.addLayer(tree)])
            let bill = try BillOfMaterials.of(image, in: store)
            #expect(bill.packages.map { "\($0.name) \($0.version)" } == ["stdlib 1.21.3"])
            #expect(bill.problems.map(\.path) == ["/var/lib/dpkg"])
        }
    }

    @Test(
        "addresses follow the package-url specification",
        arguments: [
            (
                Package(ecosystem: .debian, name: "libstdc++6", version: "1:2+b", source: .init(name: "gcc", version: "1"), architecture: "amd64"),
                "pkg:deb/debian/libstdc%2B%2B6@1:2%2Bb?arch=amd64&upstream=gcc%401"
            ),
            (Package(ecosystem: .npm, name: "@a/b", version: "1"), "pkg:npm/%40a/b@1"),
            (Package(ecosystem: .maven, name: "org.x:y", version: "1"), "pkg:maven/org.x/y@1"),
            (Package(ecosystem: .go, name: "github.com/a/b", version: "v1.0"), "pkg:golang/github.com/a/b@v1.0"),
        ])
    func purl(_ package: Package, _ text: String) { #expect(package.purl == text) }

    @Test("Go's build information is read in its later form") func go() throws {
        let mark = [UInt8](repeating: 7, count: 16)
        let lines = [
            "path\tx", "mod\texample.com/own\t(devel)\t", "dep\tgolang.org/x/net\tv0.1.0\th1:x", "dep\ta.b/old\tv1.0.0", "=>\ta.b/new\tv1.1.0\th1:y",
        ]
        let modules = mark + Array((lines.joined(separator: "\n") + "\n").utf8) + mark
        let version = Array("go1.21.3".utf8)
        func length(_ count: Int) -> [UInt8] { count < 128 ? [UInt8(count)] : [UInt8(count & 0x7f) | 0x80, UInt8(count >> 7)] }
        var header = GoBuildInformation.magic + [8, 2] + [UInt8](repeating: 0, count: 16)
        header += length(version.count) + version + length(modules.count) + modules
        let program = ProgramSample.program(section: ".go.buildinfo", header)
        let found = try ProgramReader.read(size: program.count) { Array(program[$0.clamped(to: 0..<program.count)]) }
        #expect(found.packages.map { "\($0.name) \($0.version)" } == ["stdlib 1.21.3", "golang.org/x/net v0.1.0", "a.b/new v1.1.0"])
        // Cut anywhere it is a problem, or says less; it never traps.
        for end in stride(from: 0, to: program.count, by: 7) {
            _ = try ProgramReader.read(size: end) { Array(program[$0.clamped(to: 0..<end)]) }
        }
    }
}
