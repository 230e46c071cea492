import API
import ArgumentParser
import Client
import IngotModel

struct AccessGrant: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "grant", abstract: "Give a role to a user or a group.",
        discussion: """
            Example:
              ingot access grant user:alice developer --service shop
              ingot access grant group:release-managers approver
              ingot access grant user:bob operator --service shop --environment production
            """)

    @Argument(help: "Whom: user:NAME or group:NAME.") var subject: AccessSubject
    @Argument(help: "viewer, developer, approver, operator or administrator.") var role: Role
    @OptionGroup var scope: ScopeFlags
    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(GrantsView(value: try await options.client.grant(Grant(role, on: scope.scope), to: subject))) }
}

struct AccessRevoke: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Take a role from a user or a group.",
        discussion: """
            It holds from their next request on, also for their tokens.

            Example:
              ingot access revoke user:alice developer --service shop
              ingot access revoke group:ingot administrator
            """)

    @Argument(help: "From whom: user:NAME or group:NAME.") var subject: AccessSubject
    @Argument(help: "The role, as it was given.") var role: Role
    @OptionGroup var scope: ScopeFlags
    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(GrantsView(value: try await options.client.revoke(Grant(role, on: scope.scope), of: subject))) }
}

struct AccessList: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the roles that are given.",
        discussion: """
            Example:
              ingot access list
            """)

    @OptionGroup var options: GlobalOptions

    func run() async throws { console.show(GrantsView(value: try await options.client.grants())) }
}

struct GrantsView: View {
    var value: [GrantRecord]

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["no role is given: only root may do anything"] }
        var table = Table([.left("WHO"), .left("ROLE"), .left("ON"), .left("GIVEN BY"), .left("AT")])
        for record in value {
            table.add(
                Table.Cell(record.subject.text), Table.Cell(record.grant.role.rawValue), Table.Cell(record.grant.scope.description),
                Table.Cell(record.by), Table.Cell(Words.moment(record.at)))
        }
        return table.lines(style)
    }
}
