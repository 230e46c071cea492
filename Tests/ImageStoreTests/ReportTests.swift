import IngotModel
import SystemPackage
import Testing

@testable import ImageStore

@Suite("Comparing") struct ReportTests {
    private static func tree(_ files: [String: String], mode: UInt16 = 0o644, time: Int64 = 0) throws -> FileTree {
        var tree = FileTree()
        for (path, text) in files {
            try tree.insert(.regular(FileContent(text: text), FileMetadata(mode: mode, modified: FileTime(seconds: time))), at: TreePath(path))
        }
        return tree
    }

    @Test("trees names each path and how it differs") func trees() throws {
        var first = try Self.tree(["a/same": "1", "a/content": "one\ntwo\nthree\n", "a/gone": "x", "kind": "file", "owner": "o"])
        var second = try Self.tree(["a/same": "1", "a/content": "one\nTWO\nthree\n", "a/new": "x", "owner": "o"])
        try second.insert(.symbolicLink(to: "a"), at: TreePath("kind"))
        first.update(try #require(first.find(TreePath("owner")))) {
            $0.attributes = ["user.a": [1]]
            $0.modified = FileTime(seconds: 5)
        }
        second.update(try #require(second.find(TreePath("owner")))) {
            $0.userID = 7
            $0.mode = 0o600
        }
        let found = try FileTree.differences(first, second)
        #expect(found.map(\.path) == ["/a/content", "/a/gone", "/a/new", "/kind", "/owner"])
        guard case .content(let content) = found[0].changes.first else { return #expect(Bool(false), "\(found[0])") }
        #expect([content.offset, content.line] == [4, 2])
        #expect(content.firstLine == "two")
        #expect(content.secondLine == "TWO")
        #expect(found[1].changes == [.onlyInFirst])
        #expect(found[2].changes == [.onlyInSecond])
        #expect(found[3].changes.first == .kind(first: "file", second: "link to a"))
        #expect(
            found[4].changes == [.mode(first: 0o644, second: 0o600), .owner(first: "0:0", second: "7:0"), .time(first: 5, second: 0), .attribute("user.a")])
        #expect(try FileTree.differences(first, first).isEmpty)
    }

    @Test(
        "contents finds the first byte, also behind the first piece and at the end",
        arguments: [(0, 3), (1 << 20, (1 << 20) + 3), ((1 << 20) - 1, 1 << 20), (2 << 20, 2 << 20)])
    func contents(_ offset: Int, _ size: Int) throws {
        let bytes = [UInt8](repeating: 0, count: size)
        var changed = bytes
        if offset < size { changed[offset] = 1 } else { changed.append(0) }
        let difference = try #require(try ContentDifference(FileContent(bytes: bytes), FileContent(bytes: changed)))
        #expect(difference.offset == offset)
        #expect(difference.line == nil)
        #expect(try ContentDifference(FileContent(bytes: bytes), FileContent(bytes: bytes)) == nil)
    }

    static let status = """
        Package: libc6
        Status: install ok installed
        Architecture: amd64
        Version: 2.36-9
        Description: x
         Version: not this

        Package: gone
        Status: deinstall ok config-files
        Version: 1

        """

    @Test("packages reads dpkg's status, distroless parts of it, and apk's") func packages() throws {
        let tree = try Self.tree([
            "var/lib/dpkg/status": Self.status,
            "var/lib/dpkg/status.d/tzdata": "Package: tzdata\nVersion: 2024a\n",
            "var/lib/dpkg/status.d/tzdata.md5sums": "Package: nothing\nVersion: 1\n",
            "lib/apk/db/installed": "P:musl\nV:1.2.4-r2\nA:x86_64\n\nP:busybox\nV:1.36\n",
        ])
        #expect(try InstalledPackages.read(tree) == ["libc6": "2.36-9", "tzdata": "2024a", "musl": "1.2.4-r2", "busybox": "1.36"])
    }

    @Test("images names files with sizes, packages and settings, and no times") func images() throws {
        try withStore { store in
            var configuration = ImageConfiguration()
            configuration.config.environment = ["A=1", "B=2"]
            configuration.config.user = "app"
            let old = try store.addLayer(Self.tree(["var/lib/dpkg/status": "Package: p\nVersion: 1\n", "same": "s"]))
            let first = try store.addImage(configuration, layers: [old])
            configuration.config.environment = ["A=1", "B=3"]
            configuration.config.user = nil
            let new = try store.addLayer(Self.tree(["var/lib/dpkg/status": "Package: p\nVersion: 2\n\nPackage: q\nVersion: 1\n", "same": "s"], time: 9))
            let second = try store.addImage(configuration, layers: [new])
            let difference = try store.difference(first.digest, second.digest)
            #expect(difference.files.map(\.path) == ["/var/lib/dpkg/status"])
            #expect([difference.files[0].sizeBefore, difference.files[0].sizeAfter] == [22, 45])
            #expect(
                difference.packages == [.init(name: "p", before: "1", after: "2"), .init(name: "q", before: nil, after: "1")])
            #expect(
                difference.configuration == [.init(name: "environment B", before: "2", after: "3"), .init(name: "user", before: "app", after: nil)])
            #expect(try store.difference(first.digest, first.digest).isEmpty)
        }
    }

    @Test("layers of an image shows what each added and what of it was for nothing") func layers() throws {
        try withStore { store in
            var configuration = ImageConfiguration()
            configuration.history = [
                .init(created: nil, createdBy: "COPY a", emptyLayer: nil), .init(created: nil, createdBy: "ENV x", emptyLayer: true),
                .init(created: nil, createdBy: "RUN b", emptyLayer: nil), .init(created: nil, createdBy: "RUN c", emptyLayer: nil),
            ]
            let lowest = try Self.tree(["d/one": "1234", "d/two": "12", "kept": "123456", "f/x": "123"])
            var middle = try Self.tree(["d/one": "12345"])
            try middle.insert(.whiteout, at: TreePath("f"))
            var top = FileTree()
            try top.insert(.folder(.implicitFolder, isOpaque: true), at: TreePath("d"))
            let image = try store.addImage(configuration, layers: [store.addLayer(lowest), store.addLayer(middle), store.addLayer(top)])
            let reports = try store.layerReports(of: image)
            #expect(reports.map(\.instruction) == ["COPY a", "RUN b", "RUN c"])
            #expect(reports.map(\.files) == [4, 1, 0])
            #expect(reports.map(\.added.bytes) == [15, 5, 0])
            #expect(reports.map(\.wasted.bytes) == [9, 5, 0])
        }
    }

    @Test("documents about an image are found, do not move its digest, and go with it") func referrers() throws {
        try withStore { store in
            let image = try addSample(to: store)
            let first = try store.addReferrer(to: image.digest, artifactType: "application/vnd.in-toto+json", content: Array("{}".utf8))
            let second = try store.addReferrer(to: image.digest, artifactType: "application/vnd.in-toto+json", content: Array("{}".utf8))
            #expect(first == second)
            #expect(try store.referrers(of: image.digest) == [first])
            #expect(first.artifactType == "application/vnd.in-toto+json")
            #expect(first.manifest.subject?.digest == image.digest)
            _ = try store.collectGarbage(pinned: [image.digest])
            #expect(try store.referrers(of: image.digest) == [first])
            #expect(store.contains(first.manifest.layers[0].digest))
            _ = try store.collectGarbage(pinned: [])
            #expect(try store.referrers(of: image.digest).isEmpty)
            #expect(!store.contains(first.digest))
        }
    }

    @Test("images on a base are found by what they say and by their layers, through others") func bases() throws {
        try withStore { store in
            let base = try addSample(to: store)
            let direct = try store.addImage(ImageConfiguration(), layers: base.layers + [store.addLayer(Self.tree(["x": "1"]))])
            let named = try store.addImage(
                ImageConfiguration(), layers: [store.addLayer(Self.tree(["y": "1"]))], annotations: [Image.baseDigestAnnotation: "\(base.digest)"])
            let through = try store.addImage(
                ImageConfiguration(), layers: [store.addLayer(Self.tree(["z": "1"]))], annotations: [Image.baseDigestAnnotation: "\(named.digest)"])
            _ = try store.addImage(ImageConfiguration(), layers: [store.addLayer(Self.tree(["other": "1"]))])
            #expect(Set(try store.images(on: base.digest).map(\.digest)) == [direct.digest, named.digest, through.digest])
            #expect(try store.images(on: through.digest).isEmpty)
        }
    }

    @Test("a retained layer outlives garbage collection, and goes when it is discarded") func retained() throws {
        try withStore { store in
            let layer = try store.addLayer(Self.tree(["a": "1"]))
            let other = try store.addLayer(Self.tree(["b": "1"]))
            let image = try store.addImage(ImageConfiguration(), layers: [other])
            for layer in [layer, other] { try store.retain(layer: layer.diffID) }
            _ = try store.collectGarbage(pinned: [image.digest])
            #expect(try store.layer(diffID: layer.diffID) == layer)
            let retained = try store.retainedLayers()
            #expect(Set(retained.filter(\.isInImage).map(\.diffID)) == [other.diffID])
            #expect(retained.allSatisfy { $0.size > 0 && $0.usedAtSecond > 1_600_000_000 })
            let busy = try store.withSharedLock { #expect(throws: StoreError.self) { try store.discard(layers: [layer.diffID]) } }
            #expect(busy?.reason == .busy)
            #expect(try store.retainedLayers().count == 2)
            let freed = try store.discard(layers: [layer.diffID, other.diffID])
            #expect(freed == layer.mountableSize + ByteSize(layer.blob.size))
            #expect(try store.layer(diffID: layer.diffID) == nil)
            #expect(try store.image(image.digest) == image)
            #expect(try store.retainedLayers().isEmpty)
        }
    }
}
