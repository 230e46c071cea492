import IngotModel
import Testing

@testable import ImageBuild
@testable import ImageStore
@testable import ingot

@Suite struct ImageViewTests {
    private static let image = Digest(bytes: Array(repeating: 0xab, count: 32))

    private static func file(_ text: String, mode: UInt16 = 0o644) -> FileNode {
        .regular(FileContent(text: text), FileMetadata(mode: mode))
    }

    @Test("a difference names files, packages and settings, and sums up")
    func difference() throws {
        var (first, second) = (FileTree(), FileTree())
        try first.insert(Self.file("a\nb\n"), at: TreePath("etc/x"))
        try second.insert(Self.file("a\nc\n", mode: 0o600), at: TreePath("etc/x"))
        try first.insert(Self.file("12345"), at: TreePath("old"))
        try second.insert(Self.file("1234567"), at: TreePath("new"))
        var configuration = ImageConfiguration()
        configuration.config.user = "app"
        let difference = try ImageDifference(first, ImageConfiguration(), second, configuration)
        #expect(
            DifferenceView(value: difference).lines(.plain) == [
                "~ /etc/x  mode 0644 → 0600, line 2: 'b' → 'c'", "+ /new  7 B", "- /old  5 B", "", "SETTING  BEFORE  AFTER", "user     –       app",
                "",
                "1 file added, 1 file removed, 1 file changed, 1 setting changed; 9 B → 11 B",
            ])
        #expect(DifferenceView(value: try ImageDifference(first, configuration, first, configuration)).lines(.plain).count == 1)
    }

    @Test("layers say what they added and wasted")
    func layers() {
        let report = LayerReport(diffID: Self.image, instruction: "RUN  a \\\n b", files: 1_200, added: 2_048, wasted: 1_024, compressed: 512)
        #expect(
            LayersView(value: [report]).lines(.plain) == [
                "LAYER         FILES  ADDED  WASTED  COMPRESSED  MADE BY", "abababababab  1,200  2 KiB   1 KiB       512 B  RUN a \\ b", "",
                "2 KiB in 1 layer, of which 1 KiB are wasted: later layers replace or remove them",
            ])
    }

    @Test("a check of a base lists the versions now and after a rebuild")
    func check() throws {
        let specification = BaseImageSpecification(name: "base", suite: "bookworm", packages: [])
        let changes = try BaseChanges(specification, image: nil, candidates: ["a": "1"])
        #expect(
            BaseChangesView(value: changes, now: Timestamp(secondsSince1970: 0)).lines(.plain) == [
                "base was never built here; it would have 1 package"
            ])
        var known = changes
        known.image = Self.image
        known.packages = [.init(name: "libc6", old: "2.36-8", new: "2.36-9"), .init(name: "new", old: nil, new: "1")]
        #expect(
            BaseChangesView(value: known, now: Timestamp(secondsSince1970: 0)).lines(.plain) == [
                "base is abababababab", "2 packages would change:", "", "PACKAGE  NOW     AFTER A REBUILD", "libc6    2.36-8  2.36-9",
                "new      –       1",
            ])
        known.packages = []
        #expect(BaseChangesView(value: known, now: Timestamp(secondsSince1970: 0)).lines(.plain).last == "a rebuild would change nothing")
    }

    @Test("a rebuild says why, and what stands on the old base")
    func rebuilt() {
        let other = Digest(bytes: Array(repeating: 0xcd, count: 32))
        let dependant = ImageSummary(digest: other, tags: ["shop"], created: nil, revision: nil, totalSize: 1, ownSize: 1, sharedSize: 0)
        let answers = [
            BaseRebuild.Answer(name: "a", reason: nil, wasRebuilt: false, old: Self.image, new: Self.image, dependants: []),
            BaseRebuild.Answer(name: "b", reason: .packagesChanged, wasRebuilt: true, old: Self.image, new: other, dependants: [dependant]),
            BaseRebuild.Answer(name: "c", reason: .tooOld, wasRebuilt: true, old: Self.image, new: Self.image, dependants: []),
        ]
        #expect(
            RebuiltView(value: answers).lines(.plain) == [
                "a is fresh", "b was rebuilt (packages have changed): abababababab → cdcdcdcdcdcd", "1 image to build again, on the old base:",
                "  cdcdcdcdcdcd  shop", "c was rebuilt (its packages are too old), and came out the same: abababababab",
            ])
    }

    @Test(
        "sizes are read as Docker writes them and as Ingot does",
        arguments: [("512m", 512 << 20), ("2g", 2 << 30), ("1.5k", 1_536), ("100b", 100), ("256MiB", 256 << 20), ("1MB", 1_000_000), ("4096", 4_096)])
    func size(text: String, bytes: Int) throws {
        #expect(try StepFlags.size(text).bytes == bytes)
    }

    @Test("what is no size is a mistake", arguments: ["", "m", "12x", "-1m", "0"])
    func noSize(text: String) {
        #expect(throws: (any Error).self) { try StepFlags.size(text) }
    }

    @Test("hosts are written with a colon or an equals sign", arguments: ["db:10.0.0.1", "db=10.0.0.1"])
    func host(text: String) throws {
        let (name, address) = try #require(StepFlags.host(text))
        #expect((name, address) == ("db", "10.0.0.1"))
        #expect(StepFlags.host("v6:[::1]")?.1 == "::1")
        #expect(StepFlags.host("db") == nil && StepFlags.host(":1") == nil && StepFlags.host("a:b c") == nil)
    }
}
