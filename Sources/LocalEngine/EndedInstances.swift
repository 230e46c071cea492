import IngotModel

/// The instances that have ended and are still on record: the newest of each fleet, and of all.
struct EndedInstances: Sendable {
    struct Ended: Hashable, Sendable {
        var identity: InstanceIdentity
        var exit: ExitRecord
    }
    /// By their ends, oldest first.
    private(set) var records: [Ended] = []

    /// - Returns: those that are now too many, whose files are to be removed.
    mutating func add(_ identity: InstanceIdentity, _ exit: ExitRecord) -> [InstanceID] {
        records.removeAll { $0.identity.id == identity.id }
        let place = records.lastIndex { $0.exit.endedAt <= exit.endedAt }.map { $0 + 1 } ?? 0
        records.insert(Ended(identity: identity, exit: exit), at: place)
        return prune()
    }

    private mutating func prune() -> [InstanceID] {
        var perFleet: [FleetID: Int] = [:]
        var kept: [Ended] = []
        var surplus: [InstanceID] = []
        for record in records.reversed() {
            perFleet[record.identity.specification.fleet, default: 0] += 1
            let isSurplus =
                kept.count >= EngineLimits.ended
                || perFleet[record.identity.specification.fleet, default: 0] > EngineLimits.endedPerFleet
            if isSurplus { surplus.append(record.identity.id) } else { kept.append(record) }
        }
        records = kept.reversed()
        return surplus
    }
}
