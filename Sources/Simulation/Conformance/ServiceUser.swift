import Engine
public import IngotModel

/// A user of the service behind a router that a conformance suite tests. Its requests go to the host of the suite's route.
public protocol ServiceUser: Sendable {
    /// Sends a request and waits for its answer; `nil` when no instance gave one.
    func ask(headers: [String: String], cookies: [String: String]) async throws -> UserAnswer?
    /// Begins a request that is not answered before it is told to end.
    func beginRequest() async throws -> any OngoingExchange
    /// Opens a stream that goes on until one side closes it.
    func openStream() async throws -> any OngoingExchange
}

public struct UserAnswer: Hashable, Sendable {
    /// Whose instance answered.
    public var release: ReleaseNumber
    /// The cookies that the instance was sent.
    public var receivedCookies: [String: String]
    /// The cookies that came with the answer.
    public var setCookies: [String: String]

    public init(release: ReleaseNumber, receivedCookies: [String: String] = [:], setCookies: [String: String] = [:]) {
        self.release = release
        self.receivedCookies = receivedCookies
        self.setCookies = setCookies
    }
}

public protocol OngoingExchange: Sendable {
    /// Whether it goes on, as its user sees it.
    func isOpen() async throws -> Bool
    /// Lets a request be answered, closes a stream.
    func end() async throws
}

/// A user in a simulated world.
public struct SimulatedUser: ServiceUser {
    public let host: SimulatedHost
    public let environment: EnvironmentID

    public init(host: SimulatedHost, environment: EnvironmentID) {
        self.host = host
        self.environment = environment
    }

    public func ask(headers: [String: String], cookies: [String: String]) async throws -> UserAnswer? {
        host.withWorld { world in
            let sticky = world.route(of: environment)?.inForce?.sticky
            guard let admission = world.admit(environment, headers: headers, cookies: cookies, length: .none) else { return nil }
            var answer = UserAnswer(release: admission.release, receivedCookies: cookies.filter { $0.key != sticky?.name })
            if let sticky, let value = admission.cookie { answer.setCookies[sticky.name] = value }
            return answer
        }
    }

    public func beginRequest() async throws -> any OngoingExchange { try begin(.untilEnded) }
    public func openStream() async throws -> any OngoingExchange { try begin(.stream) }

    private func begin(_ length: SimulatedWorld.Length) throws -> SimulatedExchange {
        guard let id = host.withWorld({ $0.admit(environment, headers: [:], cookies: [:], length: length)?.id }) else {
            throw ConformanceViolation(message: "no instance took what a user began")
        }
        return SimulatedExchange(host: host, id: id)
    }
}

struct SimulatedExchange: OngoingExchange {
    let host: SimulatedHost
    let id: Int
    func isOpen() async throws -> Bool { host.withWorld { $0.isInFlight(id) } }
    func end() async throws { host.withWorld { $0.endRequest(id) } }
}
