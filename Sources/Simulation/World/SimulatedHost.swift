import Engine
public import IngotModel
import Synchronization

/// The machine on which a simulated world lives, shared by its engine, its router and the test that moves it.
public final class SimulatedHost: Sendable {
    public let clock: SimulatedClock
    private let world: Mutex<SimulatedWorld>
    private let listeners = Mutex<[Int: AsyncStream<EnvironmentID>.Continuation]>([:])

    public init(seed: UInt64 = 1, clock: SimulatedClock = SimulatedClock()) {
        self.clock = clock
        world = Mutex(SimulatedWorld(seed: seed, now: clock.now))
    }

    public var engine: SimulatedEngine { SimulatedEngine(host: self) }
    public var router: SimulatedRouter { SimulatedRouter(host: self) }

    /// Moves the clock and lets everything happen that is due.
    public func advance(by length: Milliseconds) {
        clock.advance(by: length)
        withWorld { _ in }
    }

    /// Looks into the world, or changes it, at the clock's present moment; then tells the streams what changed.
    @discardableResult
    public func withWorld<Result: Sendable, Failure: Error>(
        _ body: (inout SimulatedWorld) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        let now = clock.now
        // Not through `withLock`'s error: what changed is told also when the body throws.
        let (result, changed) = world.withLock { world in
            world.advance(to: now)
            let result: Swift.Result<Result, Failure>
            do throws(Failure) { result = .success(try body(&world)) } catch { result = .failure(error) }
            defer { world.changed = [] }
            return (result, world.changed)
        }
        tell(changed)
        return try result.get()
    }

    /// A call of the engine or the router: it may fail before or after it took effect, and its caller may die in it.
    func call<Result: Sendable>(_ what: String, _ body: (inout SimulatedWorld) throws -> Result) throws -> Result {
        try withWorld { world in
            let failure = world.nextFailure()
            if case .before(let error) = failure { throw error.of(what) }
            let result = try body(&world)
            if case .after(let error) = failure { throw error.of(what) }
            return result
        }
    }

    /// A call that changes something: it may also be late, or come twice.
    func send(_ message: SimulatedCall) throws { try call(message.what) { try $0.take(message) } }

    func changes() -> AsyncStream<EnvironmentID> {
        let (stream, continuation) = AsyncStream.makeStream(of: EnvironmentID.self)
        let key = listeners.withLock { listeners in
            let key = (listeners.keys.max() ?? 0) + 1
            listeners[key] = continuation
            return key
        }
        continuation.onTermination = { [weak self] _ in
            self?.listeners.withLock { listeners in _ = listeners.removeValue(forKey: key) }
        }
        return stream
    }

    private func tell(_ changed: Set<EnvironmentID>) {
        guard !changed.isEmpty else { return }
        let continuations = listeners.withLock { Array($0.values) }
        for environment in changed.sorted() {
            for continuation in continuations { continuation.yield(environment) }
        }
    }
}

/// What becomes of a call.
enum CallFailure {
    enum Reason {
        case fault, crash

        func of(_ what: String) -> any Error {
            switch self {
            case .fault: EngineError(code: "simulation.fault", message: "\(what) failed: the simulation wanted it so")
            case .crash: SimulatedCrash()
            }
        }
    }
    case none
    case before(Reason)
    case after(Reason)
}

/// Thrown to whoever was carrying out something when the simulation let it die.
public struct SimulatedCrash: Error {
    public init() {}
}

extension SimulatedWorld {
    mutating func nextFailure() -> CallFailure {
        if let left = faults.callsUntilCrash {
            guard left > 0 else { return .before(.crash) }
            faults.callsUntilCrash = left - 1
            if left == 1 { return generator.happens(percent: 50) ? .before(.crash) : .after(.crash) }
        }
        if generator.happens(percent: faults.failsBeforePercent) { return .before(.fault) }
        if generator.happens(percent: faults.failsAfterPercent) { return .after(.fault) }
        return .none
    }
}
