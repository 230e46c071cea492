public import ArgumentParser
public import IngotModel

/// What a role is given on.
struct ScopeFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Only on this service; on everything if left out.", valueName: "service")) var service: String?
    @Option(help: ArgumentHelp("Only on this environment of the service.", valueName: "environment")) var environment: String?

    func validate() throws {
        if let service, ServiceName(service) == nil { throw ValidationError("'\(service)' is not \(ServiceName.expectation).") }
        guard let environment else { return }
        guard EnvironmentName(environment) != nil else { throw ValidationError("'\(environment)' is not \(EnvironmentName.expectation).") }
        guard service != nil else { throw ValidationError("--environment takes --service: which service's '\(environment)' is meant?") }
    }

    var scope: AccessScope {
        guard let service = service.flatMap({ ServiceName($0) }) else { return .everything }
        return environment.flatMap { EnvironmentName($0) }.map { .environment(EnvironmentID(service: service, environment: $0)) } ?? .service(service)
    }
}

extension Role: ExpressibleByArgument {}

extension AccessSubject: ExpressibleByArgument {
    public init?(argument: String) { self.init(text: argument) }
}

extension TokenName: ExpressibleByArgument {
    public init?(argument: String) { self.init(text: argument) }
}
