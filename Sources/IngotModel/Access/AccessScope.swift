/// What a role is given on, and what a request is about. Written `*`, `shop`, `shop/production`.
public enum AccessScope: TextCodable, Hashable, Sendable, CustomStringConvertible {
    case everything
    case service(ServiceName)
    case environment(EnvironmentID)

    public static let expectation = "a scope: '*' for everything, a service, or an environment written service/environment"

    public init?(text: String) {
        if text == "*" {
            self = .everything
        } else if let service = ServiceName(text: text) {
            self = .service(service)
        } else if let environment = EnvironmentID(text: text) {
            self = .environment(environment)
        } else {
            return nil
        }
    }

    public var text: String {
        switch self {
        case .everything: "*"
        case .service(let service): service.text
        case .environment(let environment): environment.text
        }
    }

    /// For people: `everything`, `service shop`, `shop/production`.
    public var description: String {
        switch self {
        case .everything: "everything"
        case .service(let service): "service \(service)"
        case .environment(let environment): environment.text
        }
    }

    public func contains(_ other: AccessScope) -> Bool {
        switch (self, other) {
        case (.everything, _): true
        case (.service(let service), .service(let other)): service == other
        case (.service(let service), .environment(let other)): service == other.service
        case (.environment(let environment), .environment(let other)): environment == other
        case (.service, .everything), (.environment, .everything), (.environment, .service): false
        }
    }

    public func overlaps(_ other: AccessScope) -> Bool { contains(other) || other.contains(self) }
}
