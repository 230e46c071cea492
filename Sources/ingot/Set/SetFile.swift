import API
import ArgumentParser
import Client
import IngotModel
import Manifest

/// The file of a release set, and where its members are to move.
struct SetFile: ParsableArguments {
    @Argument(help: "The environment, the same of all members: `production`.") var environment: SetEnvironmentArgument
    @Argument(help: "The set's description.", completion: .file(extensions: ["yaml"])) var file: String = ReleaseSetDefinition.fileName

    /// Reads the file and holds it against the services that the daemon knows.
    ///
    /// - Throws: `CommandError` with every mistake, or when there is no such file.
    func request(_ client: Client) async throws -> ReleaseSetRequest {
        guard let text = try LocalFile.read(file, limit: .mebibytes(2)) else {
            throw CommandError("no-set-file", "there is no \(file)", remedy: "write one: docs/reference/release-sets.md says how")
        }
        let known = try await client.services().map { ($0.service, $0.environments.map(\.environment.environment)) }
        let services = ReleaseSetDefinition.Services(
            environments: Dictionary(known, uniquingKeysWith: { first, _ in first }), environment: environment.name)
        let parsed = ReleaseSetDefinition.parse(text, file: file, services: services)
        guard let specification = parsed.value else { throw CommandError.mistakes(in: file, parsed.diagnostics) }
        return ReleaseSetRequest(environment: environment.name, specification: wired(specification), tokens: try LockOptions.tokens())
    }

    /// Short numbers are those of releases, as with `ingot deploy`.
    private func wired(_ specification: ReleaseSetSpecification) -> ReleaseSetSpecification {
        var specification = specification
        for index in specification.members.indices { specification.members[index].reference = Deploy.wire(specification.members[index].reference) }
        return specification
    }
}

/// The name of an environment without a service: a set has many.
struct SetEnvironmentArgument: ExpressibleByArgument, Sendable, Equatable {
    var name: EnvironmentName

    init?(argument: String) {
        guard let name = EnvironmentName(argument) else { return nil }
        self.name = name
    }
}
