import ArgumentParser
import IngotModel
import RegistryServer

struct RegistryTokenCreate: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token, and show it this once.",
        discussion: """
            Example:
              ingot registry token create ci --repository 'shop/*' --push --expires 30d
              ingot registry token create cluster --repository '**'
            """)
    private static let longest = Milliseconds.minutes(60 * 24 * 365)

    @Argument(help: "What the token is called: small letters, digits and hyphens.") var name: String
    @Option(help: ArgumentHelp("What it is for: shop, shop/* (one part), shop/** (any), ** (all); may be given again.", valueName: "pattern"))
    var repository: [String]
    @Flag(help: "It may also push and delete.") var push = false
    @Option(help: ArgumentHelp("How long it holds; at most a year.", valueName: "time")) var expires = "90d"
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard !repository.isEmpty else { throw ValidationError("--repository says what the token is for.") }
        for text in repository where RepositoryPattern(text: text) == nil {
            throw ValidationError("--repository takes \(RepositoryPattern.expectation), not '\(text)'.")
        }
        guard let time = Milliseconds(text: expires), (1...Self.longest.count).contains(time.count) else {
            throw ValidationError("--expires takes a length of time up to 365d, such as 30d, not '\(expires)'.")
        }
    }

    func run() async throws {
        let made = try options.registryTokens().create(
            name, repositories: repository.compactMap { RepositoryPattern(text: $0) }, mayPush: push, createdAt: Clock.now,
            lifetime: Milliseconds(text: expires) ?? 1)
        options.console.show(RegistryTokenView(value: RegistryTokenView.Answer(made.token, secret: made.secret, at: Clock.now)))
    }
}
