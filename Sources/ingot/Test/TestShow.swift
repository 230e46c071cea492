import API
import ArgumentParser
import Client
import IngotModel

struct TestShow: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what the tests of an image said last, with the output that was kept.",
        discussion: """
            Example:
              ingot test show
              ingot test show 6c3c624b58db --test smoke
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit; what the service was last built as if left out.") var image: String?
    @Option(help: "One test, with all that is known of it.") var test: String?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let name = try service.manifest(console).service
        let digest = try options.store().digest(of: image ?? name.name)
        let all = try await options.client.evidence(for: digest, of: name)
        guard let test else { return console.show(TestListView(value: all, now: Clock.now)) }
        guard let evidence = all.first(where: { $0.test == test }) else {
            throw CommandError(
                "test-not-run", "no test '\(test)' has run with image \(digest.short)",
                remedy: all.isEmpty ? "run `ingot test`" : "those that have: \(all.map(\.test).joined(separator: ", "))")
        }
        console.show(TestEvidenceView(value: evidence, now: Clock.now))
    }
}
