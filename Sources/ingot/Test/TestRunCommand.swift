import API
import ArgumentParser
import Client
import Gates
import ImageBuild
import IngotModel

struct TestRunCommand: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run the tests of ingot.yaml with an image, and record what they said.",
        discussion: """
            Without --image the service is built first, as `ingot up` does. With it, tests that are stages of the Dockerfile are left out: \
            they say nothing about an image that is already there.

            Example:
              ingot test
              ingot test smoke stateless --report results.xml
              ingot test --image 6c3c624b58db

            Ends with 0 when all passed, 3 when one failed.
            """)

    @Argument(help: "The tests; all of ingot.yaml if left out.") var names: [String] = []
    @Option(help: "A digest (or 12 digits of it), a tag or a commit, instead of a build.") var image: String?
    @Option(help: ArgumentHelp("Where the results are written as JUnit XML.", valueName: "file"), completion: .file()) var report: String?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let specification = try service.manifest(console)
        let tests = try chosen(specification.tests)
        let client = options.client
        // Asked first: a build of minutes is no way to find out that there is no daemon.
        _ = try await client.health()
        try await client.register(specification)
        let digest = try await digest(specification)
        let results = try await TestRun(specification: specification, service: service, image: digest, client: client, options: options).run(tests)
        if let report { try LocalFile.replace(report, JUnitWriter.write(results, service: specification.service, image: digest, at: Clock.now)) }
        console.show(TestResultsView(image: digest, results: results))
        try results.check(again: "ingot test")
    }

    private func digest(_ specification: ServiceSpecification) async throws -> Digest {
        if let image { return try options.store().digest(of: image) }
        let request = ServiceBuild(specification: specification, folder: service.folder).request()
        let view = BuildView(try await LocalBuild(options).run(request), tags: request.tags)
        console.note("\(view.value.image.short) \(view.summary)")
        return view.value.image
    }

    /// Those that were named, in the order of the file.
    private func chosen(_ all: [TestSpecification]) throws -> [TestSpecification] {
        if let unknown = names.first(where: { name in !all.contains { $0.name == name } }) {
            throw CommandError(
                "test-unknown", "\(service.manifestPath) has no test '\(unknown)'",
                remedy: all.isEmpty ? "write one under `test:`" : NearestWord.hint(for: unknown, among: all.map(\.name)))
        }
        let chosen = names.isEmpty ? all : all.filter { names.contains($0.name) }
        guard image != nil else { return chosen }
        if let stage = chosen.first(where: { $0.isStage && names.contains($0.name) }) {
            throw CommandError(
                "test-is-a-stage", "test '\(stage.name)' is a stage of the Dockerfile, which says nothing about an image that is already there",
                remedy: "leave --image out: the image is built, and its stages with it")
        }
        return chosen.filter { !$0.isStage }
    }
}

extension TestSpecification {
    fileprivate var isStage: Bool { if case .stage = kind { true } else { false } }
}
