import IngotModel
import RegistryServer

/// A token, with its secret when it was just made.
struct RegistryTokenView: View {
    struct Answer: Codable {
        var name: String
        var repositories: [RepositoryPattern]
        var mayPush: Bool
        var createdAt: Timestamp
        var expiresAt: Timestamp
        var isExpired: Bool
        /// Shown once.
        var secret: String?

        init(_ token: RegistryToken, secret: String? = nil, at now: Timestamp) {
            name = token.name
            repositories = token.repositories
            mayPush = token.mayPush
            createdAt = token.createdAt
            expiresAt = token.expiresAt
            isExpired = token.isExpired(at: now)
            self.secret = secret
        }

        var can: String { mayPush ? "pull and push" : "pull" }
    }

    var value: Answer

    func lines(_ style: TextStyle) -> [String] {
        let what = "\(value.name) may \(value.can) \(value.repositories.map(\.text).joined(separator: ", ")) until \(value.expiresAt)"
        return [what] + (value.secret.map { ["", $0, "", "It is shown only now: docker login -u \(value.name) --password-stdin HOST"] } ?? [])
    }
}

struct RegistryTokenListView: View {
    var value: [RegistryTokenView.Answer]

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["there is no token yet: `ingot registry token create NAME` makes one"] }
        var table = Table([.left("NAME"), .left("CAN"), .left("REPOSITORIES"), .left("UNTIL")])
        for token in value {
            table.add(
                Table.Cell(token.name), Table.Cell(token.can), Table.Cell(token.repositories.map(\.text).joined(separator: ", ")),
                Table.Cell(token.isExpired ? "ended" : "\(token.expiresAt)"))
        }
        return table.lines(style)
    }
}
