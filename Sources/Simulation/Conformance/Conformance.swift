public import IngotModel
import Synchronization

/// What an engine or a router does against its protocol's promise.
public struct ConformanceViolation: ExplainedError {
    public var code: String { "conformance.violated" }
    /// The promise, and what was seen instead.
    public var message: String
    public var remedy: String? { nil }
    public var fault: Fault { .world }
    public var cause: (any Error)? { nil }
}

func require(_ isKept: Bool, _ promise: @autoclosure () -> String) throws(ConformanceViolation) {
    guard isKept else { throw ConformanceViolation(message: promise()) }
}

/// How a conformance suite waits for what takes time: real parts are asked again and again up to a bound;
/// in a simulation the clock is moved.
public protocol Patience: Sendable {
    /// Returns once the condition holds.
    ///
    /// - Throws: what the condition throws, and an error of its own when the condition does not come to hold within the bound.
    func wait(for what: String, until condition: () async throws -> Bool) async throws
}

extension Patience {
    /// Does something, and waits until a stream tells that the environment changed.
    func waitForWord(of environment: EnvironmentID, on changes: AsyncStream<EnvironmentID>, after body: () async throws -> Void) async throws {
        let word = Word()
        let listener = Task {
            for await changed in changes where changed == environment { return word.come() }
        }
        defer { listener.cancel() }
        try await body()
        try await wait(for: "word of a change of \(environment)") { word.hasCome }
    }
}

/// Whether something was heard.
private final class Word: Sendable {
    private let state = Mutex(false)
    var hasCome: Bool { state.withLock { $0 } }
    func come() { state.withLock { $0 = true } }
}

/// Moves a simulated host's clock by 50 ms until the condition holds, for a minute at most.
public struct SimulatedPatience: Patience {
    public let host: SimulatedHost
    public init(host: SimulatedHost) { self.host = host }

    public func wait(for what: String, until condition: () async throws -> Bool) async throws {
        for _ in 0..<1_200 {
            if try await condition() { return }
            host.advance(by: 50)
            await Task.yield()
        }
        throw ConformanceViolation(message: "waited a simulated minute for \(what)")
    }
}
