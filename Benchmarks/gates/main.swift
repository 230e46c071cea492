import FoundationEssentials
import Gates
import Glibc
import ImageStore
import IngotModel
import SystemPackage

// What the gates cost, as JSON: `ingot-bench-gates image ROOT TAG`, `… gate ROOT TAG`, `… rescan ROOT TAG IMAGES`.

let clock = ContinuousClock()
/// The advisories are as old as the benchmark made them: that is not what is measured.
let policy = VulnerabilityPolicy(failAt: .low, maximumAge: .seconds(100 * 365 * 86_400))
let now = Timestamp(millisecondsSince1970: Int(time(nil)) * 1_000)

struct Figures: Codable {
    var packages = 0
    var problems = 0
    var findings = 0
    var secrets = 0
    var images = 0
    var milliseconds: [String: Double] = [:]

    mutating func measure<Value>(_ name: String, _ body: () throws -> Value) rethrows -> Value {
        let begin = clock.now
        defer { milliseconds[name, default: 0] += (clock.now - begin) / .milliseconds(1) }
        return try body()
    }

    /// What the daemon asks of each kept image, every night and whenever the advisories change.
    mutating func examine(_ images: [Image], _ name: String, _ examiner: ImageExaminer) async throws {
        let begin = clock.now
        for image in images {
            let examination = try await examiner.examine(image.digest, by: GatePolicy(vulnerabilities: policy), at: now)
            packages += examination.vulnerabilities?.judgedPackages ?? 0
            findings += examination.vulnerabilities?.findings.count ?? 0
        }
        milliseconds[name] = (clock.now - begin) / .milliseconds(1)
    }
}

struct Workplace {
    let store: ImageStore
    let index: FilePath
    let image: Image

    init(root: String, tag: String) throws {
        store = try ImageStore(root: FilePath(root))
        index = FilePath(root).appending("advisories").appending("index")
        guard let digest = try store.tags()[tag] else { fatalError("no image is called \(tag)") }
        image = try store.image(digest)
    }

    /// Bill of materials and vulnerabilities; with the search for secrets the whole gate, from the finished image to the verdict.
    func judgeOne(withSecrets: Bool) throws -> Figures {
        var figures = Figures(images: 1)
        let bill = try figures.measure("bill") { try BillOfMaterials.of(image, in: store) }
        let report = try figures.measure("vulnerabilities") {
            try VulnerabilityGate.judge(bill, against: AdvisoryIndex.open(index), policy: policy, at: now)
        }
        figures.packages = bill.packages.count
        figures.problems = bill.problems.count + report.unjudged.count(where: \.fails)
        figures.findings = report.findings.count
        if withSecrets { figures.secrets = try figures.measure("secrets") { try SecretScan.of(image, in: store) }.findings.count }
        return figures
    }

    /// Images on the same base, each with a layer of its own.
    func addImages(_ count: Int) throws -> [Image] {
        try (0..<count).map { number in
            var tree = FileTree()
            let text = "flask==2.\(number).0\n"
            try tree.insert(.regular(FileContent(text: text), FileMetadata(mode: 0o644)), at: TreePath("app/requirements.txt"))
            return try store.addImage(ImageConfiguration(), layers: image.layers + [store.addLayer(tree)])
        }
    }

    /// Each kept image against what is known now. That a layer was read before is what a store knows of every image it has judged once.
    func rescan(_ count: Int) async throws -> Figures {
        var figures = Figures(images: count)
        let images = try figures.measure("building") { try addImages(count) }
        try await figures.examine(images, "first time", ImageExaminer(store: store, advisories: index))
        (figures.packages, figures.findings) = (0, 0)
        try await figures.examine(images, "rescan", ImageExaminer(store: store, advisories: index))
        return figures
    }
}

let words = Array(CommandLine.arguments.dropFirst())
let figures: Figures
switch (words.first, words.count) {
case ("image", 3), ("gate", 3): figures = try Workplace(root: words[1], tag: words[2]).judgeOne(withSecrets: words[0] == "gate")
case ("rescan", 4): figures = try await Workplace(root: words[1], tag: words[2]).rescan(Int(words[3]) ?? 0)
default:
    print("ingot-bench-gates image ROOT TAG | gate ROOT TAG | rescan ROOT TAG IMAGES")
    exit(2)
}
print(String(decoding: try JSONEncoder().encode(figures), as: UTF8.self))
