import Engine
import IngotModel
import NIOHTTP1

/// Which release gets requests of our own, and where.
struct ProbeTarget: Hashable, Sendable {
    var rollout: Generation
    var release: ReleaseNumber
    /// What the service is called: the requests' `Host`.
    var host: String
    /// The readiness path; `/` where readiness is only a connection.
    var path: String
    /// Of its healthy instances. They take turns.
    var endpoints: [Endpoint]
    /// How long one answer may take.
    var deadline: Milliseconds
}

/// Sends requests to a release that has too few of its users', straight to its instances, at a bounded rate.
actor ProbeRunner {
    /// Between two requests, and how many may be under way at once: a release that hangs is not flooded.
    static let interval: Milliseconds = 100
    static let mostInFlight = 20
    /// How often `changes` is called: in requests.
    private static let changeInterval = 10

    private let clock: WallClock
    private let changes: @Sendable () -> Void
    private var target: ProbeTarget?
    private var sending: Task<Void, Never>?
    private var inFlight = 0
    private var sent = 0
    private var counted: (rollout: Generation, release: ReleaseNumber, count: TrafficCount)?

    /// - Parameter changes: called after every tenth answer.
    init(clock: WallClock, changes: @escaping @Sendable () -> Void) {
        self.clock = clock
        self.changes = changes
    }

    /// What the probes of the release that was last wanted found, since its rollout began, in this life of the daemon; `nil` before the first wish.
    /// It stays when probing stops, and goes on when it begins again.
    var count: TrafficCount? { counted?.count }

    /// Probes this from now on; `nil` for nothing. Told again with other endpoints, it goes on with those.
    func keep(_ target: ProbeTarget?) {
        self.target = target
        guard let target else {
            sending?.cancel()
            sending = nil
            return
        }
        if counted?.rollout != target.rollout || counted?.release != target.release { counted = (target.rollout, target.release, TrafficCount()) }
        if sending == nil { sending = Task { await self.send() } }
    }

    /// Returns when no request is under way any more.
    func stop() async {
        let task = sending
        keep(nil)
        await task?.value
    }

    private func send() async {
        await withDiscardingTaskGroup { group in
            while !Task.isCancelled {
                if let target, let endpoint = nextEndpoint(of: target) {
                    inFlight += 1
                    group.addTask { await self.probe(target, endpoint) }
                }
                await clock.sleep(clock.now() + Self.interval)
            }
        }
    }

    private func nextEndpoint(of target: ProbeTarget) -> Endpoint? {
        guard !target.endpoints.isEmpty, inFlight < Self.mostInFlight else { return nil }
        sent += 1
        return target.endpoints[sent % target.endpoints.count]
    }

    private func probe(_ target: ProbeTarget, _ endpoint: Endpoint) async {
        let result = await Self.ask(target, endpoint)
        inFlight -= 1
        // One that was broken off, and one of a release that is not asked about any more, say nothing.
        guard !Task.isCancelled, var counted, counted.rollout == target.rollout, counted.release == target.release else { return }
        counted.count.add(status: result.status, latency: result.latency)
        self.counted = counted
        if counted.count.requests % Self.changeInterval == 0 { changes() }
    }

    /// The status, `nil` for no answer.
    private static func ask(_ target: ProbeTarget, _ endpoint: Endpoint) async -> (status: Int?, latency: Duration) {
        let answer = try? await OutgoingHTTP.send(
            .GET, "http://\(endpoint)\(target.path)", headers: [("Host", target.host), ("User-Agent", "ingot-probe")], deadline: target.deadline,
            bodyLimit: 65_536)
        return (answer?.status, answer?.latency ?? .zero)
    }
}

extension TrafficCount {
    /// Counts one answer by the class of its status; `nil` for none, which has no latency.
    mutating func add(status: Int?, latency: Duration) {
        switch status {
        case .some(100...199): informational += 1
        case .some(200...299): successful += 1
        case .some(300...399): redirected += 1
        case .some(400...499): clientErrors += 1
        case .some: serverErrors += 1
        case nil: unanswered += 1
        }
        guard status != nil else { return }
        latencies.add(milliseconds: latency / .milliseconds(1))
    }
}
