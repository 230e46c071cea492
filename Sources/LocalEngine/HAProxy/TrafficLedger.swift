import IngotModel

/// What each release has served, counted from HAProxy's records. Pure, and stored, so that it goes on across
/// restarts of the daemon and of HAProxy.
struct TrafficLedger: Hashable, Sendable, Codable {
    struct Entry: Hashable, Sendable, Codable {
        var fleet: FleetID
        var served = TrafficCount()
        var lastHandedAt: Timestamp?
    }

    /// Which HAProxy process the last record was of, and its number: where to go on reading.
    struct Position: Hashable, Sendable, Codable {
        var process: String
        var number: Int
    }

    /// By environment, so that asking for one costs what it has.
    private(set) var entries: [EnvironmentID: [ReleaseNumber: Entry]] = [:]
    var position: Position?
    /// Changes whenever something was counted.
    private(set) var revision = 0
    private var latencies: [FleetID: RecentLatencies] = [:]
    /// Of the instances that their environment's route names.
    private(set) var instances: [EnvironmentID: [InstanceID: TrafficCount]] = [:]

    init() {}

    /// Counts one request.
    ///
    /// - Parameter blamed: the release that answers for a request that was handed to nobody.
    mutating func count(_ record: RequestRecord, of environment: EnvironmentID, blamed: ReleaseNumber?) {
        guard let release = record.server?.release ?? blamed else { return }
        let fleet = FleetID(environment: environment, release: release)
        revision &+= 1
        entries[environment, default: [:]][release, default: Entry(fleet: fleet)].count(record)
        if let instance = record.server?.instance { instances[environment]?[instance]?.count(record) }
        guard case .answered = record.outcome, !record.isStream, let latency = record.latencyMicroseconds else { return }
        latencies[fleet, default: RecentLatencies()].add(microseconds: latency)
    }

    /// Makes a release known before its first request.
    mutating func know(_ fleet: FleetID) {
        guard entries[fleet.environment]?[fleet.release] == nil else { return }
        revision &+= 1
        entries[fleet.environment, default: [:]][fleet.release] = Entry(fleet: fleet)
    }

    /// Makes the instances of a route known before their first requests, and forgets those that it does not name any more.
    mutating func know(_ named: Set<InstanceID>, of environment: EnvironmentID) {
        guard instances[environment].map({ Set($0.keys) }) ?? [] != named else { return }
        revision &+= 1
        let before = instances[environment] ?? [:]
        instances[environment] = Dictionary(uniqueKeysWithValues: named.map { ($0, before[$0] ?? TrafficCount()) })
    }

    func served(by environment: EnvironmentID) -> [InstanceID: TrafficCount] { instances[environment] ?? [:] }

    mutating func remove(_ environment: EnvironmentID) {
        revision &+= 1
        instances[environment] = nil
        for entry in (entries.removeValue(forKey: environment) ?? [:]).values { latencies[entry.fleet] = nil }
    }

    func traffic(of environment: EnvironmentID) -> [ReleaseTraffic] {
        (entries[environment] ?? [:]).values.sorted { $0.fleet < $1.fleet }.map { entry in
            var served = entry.served
            served.latencyP50Milliseconds = latencies[entry.fleet]?.percentile(50)
            served.latencyP99Milliseconds = latencies[entry.fleet]?.percentile(99)
            return ReleaseTraffic(release: entry.fleet.release, served: served)
        }
    }

    func lastRequest(to fleet: FleetID) -> Timestamp? { entries[fleet.environment]?[fleet.release]?.lastHandedAt }

    // MARK: As it is stored: a list, because a fleet can't be a key in JSON; latencies are of the moment and not kept.

    private struct Stored: Codable {
        struct Instance: Codable {
            var environment: EnvironmentID
            var instance: InstanceID
            var served: TrafficCount
        }
        var position: Position?
        var entries: [Entry]
        /// Later than the others: `nil` in what was stored before.
        var instances: [Instance]?
    }

    init(from decoder: any Decoder) throws {
        let stored = try Stored(from: decoder)
        position = stored.position
        for entry in stored.entries { entries[entry.fleet.environment, default: [:]][entry.fleet.release] = entry }
        for stored in stored.instances ?? [] { instances[stored.environment, default: [:]][stored.instance] = stored.served }
    }

    func encode(to encoder: any Encoder) throws {
        let instances = instances.sorted { $0.key < $1.key }.flatMap { environment, served in
            served.sorted { $0.key < $1.key }.map { Stored.Instance(environment: environment, instance: $0.key, served: $0.value) }
        }
        let entries = entries.values.flatMap(\.values).sorted { $0.fleet < $1.fleet }
        try Stored(position: position, entries: entries, instances: instances).encode(to: encoder)
    }
}

extension TrafficLedger.Entry {
    fileprivate mutating func count(_ record: RequestRecord) {
        served.count(record)
        if let microseconds = record.handedAt {
            let handed = Timestamp(millisecondsSince1970: microseconds / 1_000)
            lastHandedAt = max(lastHandedAt ?? handed, handed)
        }
    }
}

extension TrafficCount {
    fileprivate mutating func count(_ record: RequestRecord) {
        let outcome = record.outcome
        if outcome != .abandoned, record.retries > 0 { retried += 1 }
        switch outcome {
        case .answered(let statusClass):
            countAnswer(statusClass)
            // A stream is counted at its end, hours after its head: its time would be one of another window.
            if !record.isStream, let time = record.headMilliseconds { latencies.add(milliseconds: Double(time)) }
        case .unanswered: unanswered += 1
        case .cut: cut += 1
        case .streamClosed: streamsClosed += 1
        case .abandoned: break
        }
    }

    private mutating func countAnswer(_ statusClass: Int) {
        switch statusClass {
        case 1: informational += 1
        case 2: successful += 1
        case 3: redirected += 1
        case 4: clientErrors += 1
        default: serverErrors += 1
        }
    }
}

/// The last latencies of a release, a bounded number of them.
struct RecentLatencies: Hashable, Sendable {
    private var samples: [Int] = []
    private var next = 0

    init() {}

    mutating func add(microseconds: Int) {
        if samples.count < RouterLimits.latencySamples {
            samples.append(microseconds)
        } else {
            samples[next] = microseconds
        }
        next = (next + 1) % RouterLimits.latencySamples
    }

    /// In milliseconds, by the nearest rank; `nil` when there is none.
    func percentile(_ percent: Int) -> Double? {
        guard !samples.isEmpty else { return nil }
        let sorted = samples.sorted()
        let rank = (sorted.count * min(100, max(1, percent)) + 99) / 100
        return Double(sorted[rank - 1]) / 1_000
    }
}
