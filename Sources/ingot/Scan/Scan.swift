import ArgumentParser
import Gates
import ImageStore
import IngotModel

struct Scan: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Look for vulnerabilities and secrets in an image, and say what the gates make of them.",
        discussion: """
            In a service's folder by the policy of its ingot.yaml, elsewhere by the defaults. Every layer is searched for secrets, also what a \
            later one deletes. Works on the store itself, without the daemon; nothing is recorded.

            Example:
              ingot scan guestbook
              ingot scan guestbook --fail-at low --output json
              ingot scan 6c3c624b58db -C services/shop

            Ends with 0 when all gates let the image through, 3 when one says no.
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var image: String
    @Option(help: ArgumentHelp("The least severity that fails: low, medium, high or critical.", valueName: "severity"), transform: Self.severity)
    var failAt: Severity?
    @Flag(help: "Let vulnerabilities fail that nobody has mended yet, too.") var unfixed = false
    @OptionGroup var service: ServiceOptions
    @OptionGroup var options: GlobalOptions

    private static func severity(_ text: String) throws -> Severity {
        let known: [Severity] = [.low, .medium, .high, .critical]
        guard let severity = known.first(where: { $0.rawValue == text }) else {
            throw ValidationError("'\(text)' is no severity; they are \(known.map(\.rawValue).joined(separator: ", "))")
        }
        return severity
    }

    func run() async throws {
        let policy = policy(of: try service.manifestIfPresent(console))
        let store = try options.store()
        let examiner = ImageExaminer(store: store, advisories: options.advisoryIndex)
        let examination = try await examiner.examine(try store.digest(of: image), by: policy, at: Clock.now)
        console.show(ScanView(value: examination))
        if !examination.passes { throw ExitCodes.gate }
    }

    /// Whoever scans wants to know of vulnerabilities, also where no gate is set.
    private func policy(of specification: ServiceSpecification?) -> GatePolicy {
        var policy = specification?.gates ?? GatePolicy()
        var vulnerabilities = policy.vulnerabilities ?? VulnerabilityPolicy()
        if let failAt { vulnerabilities.failAt = failAt }
        if unfixed { vulnerabilities.unfixed = .count }
        policy.vulnerabilities = vulnerabilities
        return policy
    }
}
