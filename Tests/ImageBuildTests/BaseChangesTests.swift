import ImageStore
import IngotModel
import Testing

@testable import ImageBuild

@Suite("What a rebuild of a base image would change")
struct BaseChangesTests {
    private static let date = Timestamp(secondsSince1970: 1_700_000_000)

    private static func specification(_ packages: [String] = ["app"]) -> BaseImageSpecification {
        BaseImageSpecification(name: "base", suite: "bookworm", packages: packages)
    }

    private static func image(_ specification: BaseImageSpecification, _ packages: [String: String]) throws -> Image {
        let provenance = try BaseProvenance(specification, packages: packages, archiveDate: date)
        let digest = Digest(bytes: Array(repeating: 1, count: 32))
        let manifest = ImageManifest(
            config: Descriptor(mediaType: MediaType.configuration, digest: digest, size: 1), layers: [], annotations: provenance.annotations)
        return Image(digest: digest, manifest: manifest, configuration: BaseImageBuilder.configuration(specification, date: date), layers: [])
    }

    @Test("apt's simulation says which versions it would install")
    func candidates() {
        let lines = [
            "Reading package lists...", "Inst libc6 [2.36-8] (2.36-9 Debian:12.15/oldstable [amd64]) []",
            "Inst python3 (3.11.2-1+b1 Debian:12.15/oldstable [amd64])", "Conf libc6 (2.36-9 Debian:12.15/oldstable [amd64])", "Inst broken",
        ]
        #expect(AptSimulation.candidates(lines) == ["libc6": "2.36-9", "python3": "3.11.2-1+b1"])
    }

    @Test("packages are told with the version now and then")
    func packages() throws {
        let specification = Self.specification()
        let image = try Self.image(specification, ["app": "1", "lib": "2", "old": "3"])
        let changes = try BaseChanges(specification, image: image, candidates: ["app": "1", "lib": "2.1", "new": "4"])
        #expect(changes.packages.map { [$0.name, $0.old, $0.new] } == [["lib", "2", "2.1"], ["new", nil, "4"], ["old", "3", nil]])
        #expect(changes.archiveDate == Self.date)
        #expect(!changes.definitionChanged && !changes.isEmpty)
        #expect(try BaseChanges(specification, image: image, candidates: ["app": "1", "lib": "2", "old": "3"]).isEmpty)
    }

    @Test("of a distroless image only what is in it, or is asked for, counts")
    func distroless() throws {
        var specification = Self.specification(["app", "extra=1"])
        specification.variant = .distroless
        let image = try Self.image(specification, ["app": "1"])
        let first = try BaseChanges(specification, image: nil, candidates: ["app": "1", "dpkg": "9", "extra": "1"])
        #expect(first.isPartial && first.packages.map(\.name) == ["app", "extra"])
        let changes = try BaseChanges(specification, image: image, candidates: ["app": "1", "dpkg": "9", "extra": "1"])
        #expect(!changes.isPartial)
        #expect(changes.packages.map(\.name) == ["extra"])
    }

    @Test("a base is stale when it was never built, means something else, has other packages, or is too old")
    func staleness() throws {
        let specification = Self.specification()
        let image = try Self.image(specification, ["app": "1"])
        let later = Timestamp(secondsSince1970: 1_700_000_000 + 8 * 86_400)
        func staleness(
            _ asked: BaseImageSpecification, _ image: Image?, _ version: String = "1", oldest: Milliseconds? = nil
        ) throws -> BaseChanges.Staleness? {
            try BaseChanges(asked, image: image, candidates: ["app": version]).staleness(asked, oldest: oldest, now: later)
        }
        #expect(try staleness(specification, image) == nil)
        #expect(try staleness(specification, nil) == .neverBuilt)
        #expect(try staleness(Self.specification(["app", "b"]), image) == .definitionChanged)
        #expect(try staleness(specification, image, "2") == .packagesChanged)
        #expect(try staleness(specification, image, oldest: Milliseconds(text: "7d")) == .tooOld)
        #expect(try staleness(specification, image, oldest: Milliseconds(text: "9d")) == nil)
        var snapshot = specification
        snapshot.snapshot = "20231101T000000Z"
        #expect(try staleness(snapshot, Self.image(snapshot, ["app": "1"]), oldest: Milliseconds(text: "7d")) == nil)
    }

    @Test("the definition's digest is of its meaning")
    func definition() throws {
        #expect(try BaseProvenance.digest(of: Self.specification()) == BaseProvenance.digest(of: Self.specification()))
        #expect(try BaseProvenance.digest(of: Self.specification()) != BaseProvenance.digest(of: Self.specification(["b"])))
    }
}
