import Glibc
import IngotModel
import SystemPackage
import Testing

@testable import ImageStore

@Suite("Formats") struct FormatTests {
    @Test("a header says name, numbers and sum where POSIX wants them") func header() throws {
        let header = TarHeader(
            path: Array("etc/motd".utf8), kind: .regular, metadata: FileMetadata(mode: 0o644, userID: 1, groupID: 8, modified: FileTime(seconds: 64)),
            size: 6)
        let bytes = header.bytes()
        #expect(bytes.count == 512)
        func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
        #expect(text(0..<9) == "etc/motd\0")
        #expect(text(100..<148) == "0000644\u{0}0000001\u{0}0000010\u{0}00000000006\u{0}00000000100\u{0}")
        #expect(text(156..<157) == "0")
        #expect(text(257..<265) == "ustar\u{0}00")
        var unsummed = bytes
        for index in 148..<156 { unsummed[index] = 0x20 }
        let sum = unsummed.reduce(0) { $0 + Int($1) }
        #expect(Int(text(148..<154), radix: 8) == sum)
    }

    @Test(
        "what a header cannot say stands in an extended one, keys in order",
        arguments: [
            (TarHeader(path: Array("a".utf8), kind: .regular, metadata: FileMetadata(mode: 0, userID: 2_097_152)), "15 uid=2097152\n"),
            (TarHeader(path: Array("a".utf8), kind: .regular, metadata: FileMetadata(mode: 0), size: 8_589_934_592), "19 size=8589934592\n"),
            (TarHeader(path: Array("a".utf8), kind: .regular, metadata: FileMetadata(mode: 0, modified: FileTime(seconds: -1))), "12 mtime=-1\n"),
            (
                TarHeader(
                    path: Array("a".utf8), kind: .regular, metadata: FileMetadata(mode: 0, groupID: 2_097_152, attributes: ["user.a": [0, 255]])),
                "26 SCHILY.xattr.user.a=\u{0}\u{fffd}\n15 gid=2097152\n"
            ),
        ])
    func extended(_ header: TarHeader, _ expected: String) {
        let bytes = header.bytes()
        #expect(bytes.count == 3 * 512)
        let end = bytes[512..<1024].lastIndex { $0 != 0 } ?? 512
        #expect(String(decoding: bytes[512...end], as: UTF8.self) == expected)
    }

    @Test(
        "a path is split at a slash when both parts fit",
        arguments: [
            (String(repeating: "a", count: 100), 0),
            (String(repeating: "a", count: 99) + "/" + String(repeating: "b", count: 100), 99),
            (String(repeating: "a/", count: 77) + String(repeating: "b", count: 100), 153),
        ])
    func split(_ path: String, _ prefix: Int) throws {
        let parts = try #require(TarHeader.split(Array(path.utf8)))
        #expect(parts.prefix.count == prefix || parts.prefix.count < 156)
        #expect(parts.name.count <= 100)
        let joined = parts.prefix.isEmpty ? parts.name : parts.prefix + [0x2f] + parts.name
        #expect(joined == Array(path.utf8))
    }

    @Test("a name that cannot be split has no place in a header") func unsplit() {
        #expect(TarHeader.split([UInt8](repeating: 0x61, count: 101)) == nil)
        #expect(TarHeader.split([UInt8](repeating: 0x61, count: 300)) == nil)
    }

    @Test("CRC-32C is what RFC 3720 has for its examples, but for the last inversion") func checksum() {
        #expect(~ErofsFormat.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
        #expect(~ErofsFormat.checksum([UInt8](repeating: 255, count: 32)) == 0x62A8_AB43)
    }

    @Test("a folder's size is known from its names alone") func folderSize() {
        for count in [0, 1, 100, 341, 342, 5_000] {
            let entries = (0..<count).map { ErofsFormat.FolderEntry(name: [UInt8](repeating: 0x61, count: $0 % 255 + 1), number: 0, kind: 1) }
            #expect(ErofsFormat.folder(entries).count == ErofsFormat.folderSize(nameLengths: entries.map(\.name.count)))
        }
    }

    @Test("a kernel without EROFS is named, with what to do") func kernel() {
        let error = LayerMounts.failure(Errno(rawValue: ENODEV), "/a", "/b")
        #expect(error.reason == .erofsMissing)
        #expect(error.remedy?.contains("modprobe erofs") == true)
        #expect(LayerMounts.failure(.notPermitted, "/a", "/b").remedy?.contains("root") == true)
    }

    @Test("names of tags and their files are one to one", arguments: ["a", "a/b", "a%b", "a..b", "x:1@2+3", "", "/", "..", "%2F"]) func tagFiles(
        _ name: String
    ) {
        let file = TagName.fileName(name)
        #expect(!file.contains("/"))
        #expect(TagName.name(ofFile: file) == ((try? TagName.check(name)) == nil ? nil : name))
    }
}

@Suite("Trees") struct TreeTests {
    @Test(
        "paths that lead out are refused",
        arguments: ["/a", "..", "a/..", "../a", "a/../b", "a\u{0}b", String(repeating: "x", count: 256), String(repeating: "a/", count: 2049)])
    func unsafe(_ path: String) {
        let error = #expect(throws: StoreError.self) { try TreePath(path) }
        #expect(error?.reason == .unsafePath)
    }

    @Test("dots and slashes that say nothing are skipped", arguments: ["a/b", "./a/b", "a//b/", "a/./b/."]) func plain(_ path: String) throws {
        #expect(try TreePath(path).description == "/a/b")
    }

    @Test("names are told apart by their bytes, not as text") func names() throws {
        var tree = FileTree()
        for name in ["e\u{301}", "\u{e9}"] { try tree.insert(.regular(.empty, FileMetadata(mode: 0o644)), at: TreePath(name)) }
        try tree.insert(.regular(.empty, FileMetadata(mode: 0o644)), at: TreePath(bytes: [0xff, 0xfe]))
        #expect(tree.count == 3)
    }

    @Test(
        "limits hold", arguments: [ArchiveLimits(entries: 3), ArchiveLimits(bytes: 10), ArchiveLimits(depth: 3), ArchiveLimits(attributeBytes: 10)])
    func limits(_ limits: ArchiveLimits) {
        var tree = FileTree(limits: limits)
        let error = #expect(throws: StoreError.self) {
            for index in 0..<5 {
                let metadata = FileMetadata(mode: 0o644, attributes: ["user.long": [1, 2, 3, 4, 5]])
                try tree.insert(.regular(FileContent(text: "12345"), metadata), at: TreePath("a/b/c/d/\(index)"))
            }
        }
        #expect(error?.reason == .tooLarge)
    }

    @Test("attributes of one host stay out") func attributes() throws {
        var tree = FileTree()
        let attributes: [String: [UInt8]] = ["user.a": [1], "trusted.overlay.redirect": [2], "security.selinux": [3], "user.overlay.opaque": [4]]
        let id = try tree.insert(.regular(.empty, FileMetadata(mode: 0o644, attributes: attributes)), at: TreePath("a"))
        #expect(tree[id].metadata.attributes == ["user.a": [1]])
    }

    @Test("counts follow what is replaced and removed") func counts() throws {
        var tree = FileTree()
        try tree.insert(.regular(FileContent(text: "12345"), FileMetadata(mode: 0o644)), at: TreePath("a/b"))
        try tree.link(TreePath("a/b"), at: TreePath("a/c"))
        #expect((tree.count, tree.contentBytes) == (3, 5))
        try tree.insert(.symbolicLink(to: "x"), at: TreePath("a/b"))
        #expect((tree.count, tree.contentBytes) == (3, 5))
        tree.remove(try TreePath("a/c"))
        #expect((tree.count, tree.contentBytes) == (2, 0))
        try tree.insert(.regular(.empty, FileMetadata(mode: 0o644)), at: TreePath("a"))
        #expect(tree.entries().map(\.path.description) == ["/", "/a"])
    }

    @Test("a tree put into another merges folders and keeps hard links") func merge() throws {
        var tree = FileTree()
        try tree.insert(.regular(FileContent(text: "kept"), FileMetadata(mode: 0o644)), at: TreePath("usr/kept"))
        var other = FileTree()
        try other.insert(.regular(FileContent(text: "new"), FileMetadata(mode: 0o644)), at: TreePath("x/one"))
        try other.link(TreePath("x/one"), at: TreePath("x/two"))
        try tree.insert(contentsOf: other, at: TreePath("usr"))
        #expect(tree.entries().map(\.path.description) == ["/", "/usr", "/usr/kept", "/usr/x", "/usr/x/one", "/usr/x/two"])
        #expect(tree.find(try TreePath("usr/x/one")) == tree.find(try TreePath("usr/x/two")))
        #expect(try tree.subtree(at: TreePath("usr/x"))?.count == 2)
    }
}
