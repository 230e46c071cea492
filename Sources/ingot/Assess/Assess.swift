import ArgumentParser
import IngotModel
import Lint

struct Assess: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "assess", abstract: "Say how ready a service is for immutable infrastructure, with evidence.",
        discussion: """
            A checklist of the application, the infrastructure and security, each answered by what is on record: git, the image \
            in the store, the tests of its digest, the rollouts that the daemon has carried out. From it follows a level from 1 \
            to 5, and what is missing for the next one. What can't be asked counts as no.

            The image is the one that serves in production; where there is none, the newest that was built.

            Example:
              ingot assess
              ingot assess --image guestbook --output json
            """)

    @Option(help: "The image that is looked at: a digest (or 12 digits of it), a tag or a commit.") var image: String?
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let specification = try service.manifest(console)
        let facts = try await AssessedService(specification: specification, service: service, options: options, reference: image).facts()
        console.show(AssessmentView(value: Assessment(facts)))
    }
}
