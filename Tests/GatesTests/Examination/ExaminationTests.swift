// swift-format-ignore-file: NeverForceUnwrap

import Foundation
import Glibc
import ImageStore
import IngotModel
import SystemPackage
import Testing

@testable import Gates

/// A store of images for one test, with advisories beside it.
final class ExaminedStore {
    let root: FilePath
    let store: ImageStore
    let advisories: AdvisoryFolder
    var examiner: ImageExaminer { ImageExaminer(store: store, advisories: advisories.index) }

    init() throws {
        root = FilePath("/tmp/ingot-examined-\(getpid())-\(UInt64.random(in: .min ... .max))")
        store = try ImageStore(root: root)
        advisories = try AdvisoryFolder()
    }

    deinit {
        try? store.unmountAll()
        try? FileManager.default.removeItem(atPath: root.string)
    }

    /// An image of layers, each of files by path; an empty text deletes the file below.
    func image(_ layers: [[String: String]]) throws -> Image {
        var configuration = ImageConfiguration()
        configuration.history = layers.indices.map { .init(createdBy: "RUN step \($0 + 1)") }
        return try store.addImage(
            configuration,
            layers: layers.map { files in
                var tree = FileTree()
                for (path, text) in files {
                    let node: FileNode = text.isEmpty ? .whiteout : .regular(FileContent(text: text), FileMetadata(mode: 0o644))
                    try tree.insert(node, at: TreePath(path))
                }
                return try store.addLayer(tree)
            })
    }
}

@Suite("The examination of an image") struct ExaminationTests {
    static let requirements = ["app/requirements.txt": "jinja2==3.1.2\n"]
    /// Made here: what looks like a secret has no place in a repository.
    static let token = "ghp_" + String((0..<36).map { Array("x7Qm2Lp9vK4t")[($0 * 5 + $0 / 12) % 12] })
    static let policy = GatePolicy(largestSize: .mebibytes(10), vulnerabilities: VulnerabilityPolicy())

    @Test("a vulnerable image is stopped with the package, the fix and what to do; the mended one passes")
    func vulnerable() async throws {
        let given = try ExaminedStore()
        try given.advisories.add(.osv, OSVText.record("PYSEC-1"), as: "a.json")
        let bad = try given.image([Self.requirements])
        let examination = try await given.examiner.examine(bad.digest, by: Self.policy, at: .test)
        #expect(examination.verdicts.map(\.gate) == [.size, .secrets, .vulnerabilities])
        #expect(examination.verdicts.map(\.passes) == [true, true, false])
        #expect(
            examination.verdicts[2].objections == [
                .init(
                    "jinja2 3.1.2 in /app/requirements.txt (a lock file) is vulnerable: PYSEC-1 (not rated, mended in 3.1.3)",
                    remedy: "upgrade jinja2 3.1.2 to 3.1.3: raise it in the lock file, and rebuild")
            ])
        let good = try given.image([["app/requirements.txt": "jinja2==3.1.3\n"]])
        let mended = try await given.examiner.examine(good.digest, by: Self.policy, at: .test)
        #expect(mended.passes && mended.verdicts[2].summary == "none that fails in 1 package")
        #expect(mended.verdicts[2].advisoriesAsOf == Timestamp(text: "2026-11-25T00:00:00Z"))
    }

    @Test("a secret in a deleted layer stops an image, with its place, its rule and that it is still there; never the secret")
    func secret() async throws {
        let given = try ExaminedStore()
        let image = try given.image([["root/.token": "token \(Self.token)\n"], ["root/.token": ""]])
        let examination = try await given.examiner.examine(image.digest, by: GatePolicy(), at: .test)
        let objection = try #require(examination.verdicts.first?.objections.first)
        #expect(examination.verdicts.map(\.gate) == [.secrets] && examination.vulnerabilities == nil)
        #expect(objection.message.contains("(github-token) in /root/.token in layer \(image.layers[0].diffID.short), line 1"))
        #expect(objection.message.contains("layer \(image.layers[1].diffID.short) deletes or replaces it, but it is still in the image"))
        #expect(objection.remedy.contains("revoke it") && !"\(examination)".contains(Self.token.dropFirst(8)))
        let exception = SecretException(id: "github-token", path: "/root/*", reason: "revoked", until: CalendarDate(text: "2026-11-26")!)
        let policy = GatePolicy(secretExceptions: [exception])
        #expect(try await given.examiner.examine(image.digest, by: policy, at: .test).passes)
        #expect(try await !given.examiner.examine(image.digest, by: policy, at: .test + .minutes(1_440)).passes)
    }

    @Test("a gate that is set and has nothing to judge by says no: no advisories, damaged ones, old ones, none for the ecosystem")
    func closed() async throws {
        let given = try ExaminedStore()
        let image = try given.image([Self.requirements])
        func objection(at now: Timestamp = .test) async throws -> String? {
            try await given.examiner.examine(image.digest, by: Self.policy, at: now).verdicts.last?.objections.first?.message
        }
        #expect(try await objection()?.hasPrefix("there are no advisories at") == true)
        try given.advisories.write("not an index", as: "index")
        #expect(try await objection()?.contains("is damaged") == true)
        try FileManager.default.removeItem(atPath: given.advisories.index.string)
        try given.advisories.add(.osv, OSVText.record("GHSA-1", "npm", "left-pad"), as: "npm.json")
        #expect(try await objection() == "no advisories for PyPI are imported")
        try given.advisories.add(.osv, OSVText.record("PYSEC-1", fixed: "3.1.0"), as: "pypi.json")
        #expect(try await objection() == nil)
        #expect(try await objection(at: .test + .minutes(20 * 1_440))?.hasPrefix("the advisories for PyPI are of 2026-11-25, older than") == true)
    }

    @Test("an index that was replaced counts from then on, and one that was not is opened once")
    func replaced() async throws {
        let given = try ExaminedStore()
        let image = try given.image([Self.requirements])
        let examiner = given.examiner
        try given.advisories.add(.osv, OSVText.record("PYSEC-1", fixed: "3.1.0"), as: "a.json")
        #expect(try await examiner.examine(image.digest, by: Self.policy, at: .test).passes)
        #expect(try examiner.advisories.index() === examiner.advisories.index())
        let before = examiner.advisories.identity
        try given.advisories.add(.osv, OSVText.record("PYSEC-1"), as: "a.json")
        #expect(examiner.advisories.identity != before)
        #expect(try await !examiner.examine(image.digest, by: Self.policy, at: .test).passes)
    }

    @Test("a package with many vulnerabilities is one objection, whose remedy is the newest fix; many packages are told in part")
    func grouped() {
        func finding(_ id: String, _ name: String, fix: String?) -> VulnerabilityFinding {
            VulnerabilityFinding(
                ids: [id], ecosystem: "PyPI", name: name, version: "1.0", packages: [name], severity: .high, fixedVersion: fix, locations: [],
                summary: "", advice: "upgrade \(name) to \(fix ?? "nothing")", decision: .init(outcome: .fails))
        }
        let many = [finding("CVE-1", "a", fix: "1.9"), finding("CVE-2", "a", fix: "1.10"), finding("CVE-3", "a", fix: nil)]
        let objections = VulnerablePackage.group(many).map(\.objection)
        #expect(
            objections == [
                .init(
                    "a 1.0 is vulnerable: CVE-1 (high, mended in 1.9), CVE-2 (high, mended in 1.10), CVE-3 (high, not mended yet)",
                    remedy: "upgrade a to 1.10")
            ])
        let report = VulnerabilityReport(
            image: BillOfMaterials.digest, scanner: "ingot", judgedAt: .test, judgedPackages: 50,
            findings: (0..<50).map { finding("CVE-1", "p\($0)", fix: "2") }, unjudged: [], idleExceptions: [])
        #expect(report.verdict.objections.count == GateVerdict.mostObjections)
        #expect(report.verdict.objections.last?.message == "and 31 more packages")
    }

    @Test("what is known from lock files alone is told so; one installed copy is enough to say where")
    func lockFiles() {
        func location(_ path: String) -> Package.Location { .init(layer: BillOfMaterials.digest, path: path) }
        var package = Package(ecosystem: .npm, name: "left-pad", version: "1.0", locations: [location("/app/package-lock.json")])
        #expect(package.isFromLockFileOnly)
        package.locations.append(location("/app/node_modules/left-pad/package.json"))
        #expect(!package.isFromLockFileOnly)
        #expect(!location("/app/node_modules/.package-lock.json").isLockFile)
    }

    @Test("an exception for one package does not hold for another")
    func packageException() throws {
        let exception = VulnerabilityPolicy.Exception(
            id: "CVE-2024-0727", package: "libfoo", until: CalendarDate(text: "2027-01-01")!, reason: "not reachable")
        func passes(_ package: String?) throws -> Bool {
            var exception = exception
            exception.package = package
            let policy = VulnerabilityPolicy(exceptions: [exception])
            return try VulnerabilityGate.judge(.bookworm, against: GivenAdvisories([.openssl()]), policy: policy, at: .test).passes
        }
        #expect(try !passes("libfoo"))
        #expect(try passes("openssl") && passes("libssl3") && passes(nil))
    }

    @Test("images that share their layers are examined again with the same verdicts")
    func many() async throws {
        let given = try ExaminedStore()
        try given.advisories.add(.osv, OSVText.record("CVE-1", "Debian:12", "source7", fixed: "2"), as: "debian.json")
        let status = (0..<300).map { "Package: package\($0)\nStatus: install ok installed\nVersion: 1.0-1\nSource: source\($0)\n" }
        let base = try given.image([
            ["var/lib/dpkg/status": status.joined(separator: "\n"), "etc/os-release": "ID=debian\nVERSION_ID=12\n"]
        ])
        var images: [Image] = []
        for number in 0..<5 {
            var tree = FileTree()
            try tree.insert(.regular(FileContent(text: "version \(number)\n"), FileMetadata(mode: 0o644)), at: TreePath("app/version"))
            images.append(try given.store.addImage(ImageConfiguration(), layers: base.layers + [given.store.addLayer(tree)]))
        }
        let examiner = given.examiner
        func examineAll() async throws {
            for image in images {
                let verdicts = try await examiner.examine(image.digest, by: Self.policy, at: .test).verdicts
                #expect(verdicts.last?.figures["packages"] == 300 && verdicts.last?.figures["failing"] == 1)
            }
        }
        try await examineAll()
        try await examineAll()
    }
}
