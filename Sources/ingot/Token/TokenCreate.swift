import API
import ArgumentParser
import Client
import IngotModel

struct TokenCreate: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a token, and print it: it can't be shown again.",
        discussion: """
            It may do what its role allows on its scope, as long as its owner may, too.

            Example:
              ingot token create ci --role developer --service shop --expires 30d --file ci.token
              ingot token create prometheus --role viewer
            """)

    @Argument(help: "What it is called.") var name: TokenName
    @Option(help: "viewer, developer, approver, operator or administrator.") var role: Role
    @OptionGroup var scope: ScopeFlags
    @Option(help: ArgumentHelp("When it ends, as in 12h or 30d; after \(TokenTerms.lifetime) if left out.", valueName: "time")) var expires: String?
    @Option(name: .customLong("for"), help: ArgumentHelp("Whose it is, as user:NAME; yours if left out.", valueName: "owner")) var owner:
        AccessSubject?
    @Option(help: ArgumentHelp("Where it is written, for you alone, instead of being printed.", valueName: "file"), completion: .file()) var file:
        String?
    @OptionGroup var options: GlobalOptions

    func validate() throws {
        guard let expires, Milliseconds(text: expires) == nil else { return }
        throw ValidationError("'\(expires)' is no length of time; write one such as 30d.")
    }

    func run() async throws {
        if let file, LocalFile.exists(file) { throw Self.fileExists(file) }
        let lifetime = expires.flatMap { Milliseconds(text: $0) }
        let client = options.client
        let created = try await client.createToken(
            TokenRequest(name: name, grant: Grant(role, on: scope.scope), lifetime: lifetime, owner: owner))
        guard let file else {
            console.note("token '\(name)' of \(created.record.owner) ends at \(Words.moment(created.record.until)) UTC; it is not shown again")
            return console.show(TokenCreatedView(value: created))
        }
        do {
            guard try LocalFile.create(file, created.token + "\n", mode: 0o600) else { throw Self.fileExists(file) }
        } catch {
            // What nobody has is not left valid.
            _ = try? await client.revokeToken(name)
            throw error
        }
        console.show(TokensView(value: [created.record], now: Clock.now))
    }

    private static func fileExists(_ file: String) -> CommandError {
        CommandError("file-exists", "\(file) is there already", remedy: "remove it, or choose another name")
    }
}

struct TokenCreatedView: View {
    var value: TokenCreated
    func lines(_ style: TextStyle) -> [String] { [value.token] }
}
