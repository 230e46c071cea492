import ImageStore
import IngotModel
import Testing

@testable import ImageBuild

@Suite("What is in a base image")
struct BaseContentTests {
    private static let date = Timestamp(secondsSince1970: 1_700_000_000)

    private static let status = """
        Package: app
        Status: install ok installed
        Version: 1.0
        Architecture: amd64
        Depends: libx (>= 1) | liby, dpkg, virtual:any

        Package: libx
        Status: install ok installed
        Architecture: amd64
        Version: 2.0-1
        Description: words
         Package: not-a-package

        Package: real
        Status: install ok installed
        Version: 3
        Provides: virtual (= 1)
        Pre-Depends: libx

        Package: dash
        Essential: yes
        Status: install ok installed
        Version: 4

        Package: dpkg
        Essential: yes
        Status: install ok installed
        Version: 5

        Package: gone
        Status: deinstall ok config-files
        Version: 6
        """

    private static func tree() throws -> FileTree {
        var tree = FileTree()
        func add(_ path: String, _ text: String) throws {
            try tree.insert(.regular(FileContent(text: text), FileMetadata(mode: 0o644)), at: TreePath(path))
        }
        try tree.insert(.symbolicLink(to: "usr/bin"), at: TreePath("bin"))
        try add("usr/bin/app", "app")
        try add("usr/bin/dash", "dash")
        try add("usr/bin/dpkg", "dpkg")
        try add("usr/lib/x.so", "x")
        try add("usr/share/doc/dpkg/copyright", "c")
        try add("etc/generated", "by a script")
        try tree.insert(.symbolicLink(to: "/bin/dash"), at: TreePath("etc/alternatives/sh"))
        try tree.insert(.symbolicLink(to: "../../etc/alternatives/sh"), at: TreePath("usr/bin/sh"))
        try add("var/lib/dpkg/status", status)
        try add("var/lib/dpkg/info/app.list", "/.\n/usr\n/usr/bin\n/bin/app\n")
        try add("var/lib/dpkg/info/app.md5sums", "0  bin/app\n")
        try add("var/lib/dpkg/info/libx:amd64.list", "/.\n/usr/lib/x.so\n")
        try add("var/lib/dpkg/info/dash.list", "/.\n/bin/dash\n")
        try add("var/lib/dpkg/info/dpkg.list", "/.\n/usr\n/usr/bin\n/usr/bin/dpkg\n/usr/share/doc/dpkg\n/usr/share/doc/dpkg/copyright\n")
        try add("etc/passwd", "root:x:0:0::/root:/bin/sh\n")
        try add("etc/group", "root:x:0:")
        return tree
    }

    private static func files(_ tree: FileTree) -> [String] {
        tree.entries().filter { !$0.node.isFolder }.map { String(decoding: $0.path.bytes, as: UTF8.self) }
    }

    @Test("packages are read from dpkg's status, with what they need")
    func status() {
        let packages = InstalledPackage.parse(status: Self.status)
        #expect(packages.map(\.name) == ["app", "libx", "real", "dash", "dpkg"])
        #expect(packages[0].dependencies == [["libx", "liby"], ["dpkg"], ["virtual"]])
        #expect(packages[2].provides == ["virtual"])
        #expect(packages.map(\.isEssential) == [false, false, false, true, true])
        #expect(InstalledPackage.parse(status: "").isEmpty)
    }

    @Test(
        "a distroless image keeps what is asked for and what that needs to run, and tools only when they are named",
        arguments: [
            (["app=1.0"], false, ["app", "libx", "real"]), (["libx:amd64"], true, ["dash", "libx"]), (["dpkg"], false, ["dpkg"]), ([], false, []),
        ] as [([String], Bool, [String])])
    func closure(requested: [String], shell: Bool, kept: [String]) {
        let packages = InstalledPackage.parse(status: Self.status)
        #expect(PackageClosure.kept(of: packages, requested: requested, keepsShell: shell).map(\.name) == kept)
    }

    @Test("a distroless tree has no files of other packages, no links to them, and dpkg's knowledge in status.d")
    func strip() throws {
        var tree = try Self.tree()
        let kept = try DistrolessTree.strip(&tree, requested: ["app"], keepsShell: false, date: FileTime(seconds: 7))
        #expect(kept.map(\.name) == ["app", "libx", "real"])
        #expect(
            Self.files(tree) == [
                "bin", "etc/generated", "etc/group", "etc/passwd", "usr/bin/app", "usr/lib/x.so", "var/lib/dpkg/status.d/app",
                "var/lib/dpkg/status.d/app.md5sums", "var/lib/dpkg/status.d/libx", "var/lib/dpkg/status.d/real",
            ])
        #expect(tree.node(at: try TreePath("usr/share/doc/dpkg")) == nil, "folders that only they had are gone")
        #expect(try BaseTree.text("var/lib/dpkg/status.d/libx", of: tree)?.contains("Version: 2.0-1") == true)
        #expect(tree.node(at: try TreePath("var/lib/dpkg/status.d/app"))?.metadata.modified.seconds == 7)
    }

    @Test("a shell that is asked for stays, with the links to it")
    func shell() throws {
        var tree = try Self.tree()
        _ = try DistrolessTree.strip(&tree, requested: [], keepsShell: true, date: .zero)
        #expect(
            Self.files(tree).filter { $0.hasPrefix("usr/bin") || $0.hasPrefix("etc/alt") } == ["etc/alternatives/sh", "usr/bin/dash", "usr/bin/sh"])
    }

    @Test("users come with a group and a home, files with their owners")
    func additions() throws {
        var tree = try Self.tree()
        let user = BaseUser(name: "app", id: 1_000, home: "/home/app")
        try BaseTree.add([user], [BaseFile(path: "/etc/app/x", content: "x", mode: 0o640, owner: "app:0")], to: &tree, date: Self.date)
        #expect(try BaseTree.text("etc/passwd", of: tree) == "root:x:0:0::/root:/bin/sh\napp:x:1000:1000::/home/app:/usr/sbin/nologin\n")
        #expect(try BaseTree.text("etc/group", of: tree) == "root:x:0:\napp:x:1000:\n")
        let home = try #require(tree.node(at: try TreePath("home/app")))
        #expect(home.isFolder && home.metadata.userID == 1_000 && home.metadata.modified.seconds == 1_700_000_000)
        let file = try #require(tree.node(at: try TreePath("etc/app/x")))
        #expect((file.metadata.mode, file.metadata.userID, file.metadata.groupID) == (0o640, 1_000, 0))
    }

    @Test("a user that the packages bring already, and an owner that nobody is, are mistakes")
    func impossibleAdditions() throws {
        var tree = try Self.tree()
        #expect(throws: BuildError.self) { try BaseTree.add([BaseUser(name: "root", id: 5)], [], to: &tree, date: Self.date) }
        #expect(throws: BuildError.self) { try BaseTree.add([BaseUser(name: "x", id: 0)], [], to: &tree, date: Self.date) }
        #expect(throws: BuildError.self) { try BaseTree.add([], [BaseFile(path: "/x", content: "", owner: "nobody")], to: &tree, date: Self.date) }
        #expect(throws: (any Error).self) { try BaseTree.add([], [BaseFile(path: "/bin/x", content: "")], to: &tree, date: Self.date) }
    }

    @Test("a file of a definition does not go through a link out of the image")
    func links() throws {
        var tree = try Self.tree()
        try tree.insert(.symbolicLink(to: "/outside"), at: TreePath("etc/link"))
        #expect(throws: StoreError.self) { try BaseTree.add([], [BaseFile(path: "/etc/link/x", content: "")], to: &tree, date: Self.date) }
    }
}
