import ArgumentParser
import ImageBuild
import ImageStore
import IngotModel

struct BaseRebuild: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "rebuild", abstract: "Rebuild base images, and say which images stand on the old ones.",
        discussion: """
            With --stale, for a nightly job: only those whose packages or description have changed, and those whose packages \
            are older than --older-than. An image that comes out the same keeps its digest.

            Example:
              ingot base rebuild bases/python.yaml
              ingot base rebuild --stale --older-than 7d bases/python.yaml bases/static.yaml
            """)

    @Argument(help: "The descriptions of the base images.", completion: .file(extensions: ["yaml"])) var files: [String]
    @Flag(help: "Only those that a rebuild would change, or that are too old.") var stale = false
    @Option(help: ArgumentHelp("With --stale: also those whose packages are older, such as 7d.", valueName: "age"), transform: Self.age)
    var olderThan: Milliseconds?
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        if olderThan != nil, !stale { throw ValidationError("--older-than goes with --stale.") }
        if files.isEmpty { throw ValidationError("Which base? `ingot base rebuild FILE`.") }
    }

    static func age(_ text: String) throws -> Milliseconds {
        guard let age = Milliseconds(text: text) else { throw ValidationError("'\(text)' is no age; write one such as 12h or 7d.") }
        return age
    }

    struct Answer: Encodable {
        var name: String
        /// Why it was rebuilt; `nil` when it was asked for, or left as it is.
        var reason: BaseChanges.Staleness?
        var wasRebuilt: Bool
        var old: Digest?
        var new: Digest?
        /// Those that stand on the old one and should be built again.
        var dependants: [ImageSummary]
    }

    func run() async throws {
        let specifications = try files.map(LocalBases.specification)
        let bases = try LocalBases(options)
        var answers: [Answer] = []
        for specification in specifications { answers.append(try await rebuild(specification, bases)) }
        console.show(RebuiltView(value: answers))
    }

    private func rebuild(_ specification: BaseImageSpecification, _ bases: LocalBases) async throws -> Answer {
        let old = try bases.store.resolve(specification.name)
        var reason: BaseChanges.Staleness?
        if stale {
            reason = try await bases.builder.changes(specification).staleness(specification, oldest: olderThan, now: Clock.now)
            guard reason != nil else {
                return Answer(name: specification.name, reason: nil, wasRebuilt: false, old: old, new: old, dependants: [])
            }
        }
        let new = try await bases.build(specification).digest
        let dependants = try old.map { $0 == new ? [] : try bases.store.images(on: $0) } ?? []
        return Answer(name: specification.name, reason: reason, wasRebuilt: true, old: old, new: new, dependants: dependants)
    }
}

struct RebuiltView: View {
    var value: [BaseRebuild.Answer]

    func lines(_ style: TextStyle) -> [String] { value.flatMap(lines) }

    private func lines(_ answer: BaseRebuild.Answer) -> [String] {
        let name = answer.name
        guard answer.wasRebuilt else { return ["\(name) is fresh"] }
        let reason = answer.reason.map { " (\(Self.words($0)))" } ?? ""
        guard answer.old != answer.new else { return ["\(name) was rebuilt\(reason), and came out the same: \(answer.new?.short ?? "")"] }
        let from = answer.old.map { "\($0.short) → " } ?? ""
        let dependants = answer.dependants.map { "  \($0.digest.short)  \($0.tags.isEmpty ? "no tag" : $0.tags.joined(separator: " "))" }
        let head = dependants.isEmpty ? [] : ["\(Words.count(dependants.count, "image")) to build again, on the old base:"]
        return ["\(name) was rebuilt\(reason): \(from)\(answer.new?.short ?? "")"] + head + dependants
    }

    private static func words(_ reason: BaseChanges.Staleness) -> String {
        switch reason {
        case .neverBuilt: "never built before"
        case .definitionChanged: "its description has changed"
        case .packagesChanged: "packages have changed"
        case .tooOld: "its packages are too old"
        }
    }
}
