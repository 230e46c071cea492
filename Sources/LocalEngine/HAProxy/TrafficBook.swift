import Engine
import IngotModel
import Synchronization

/// The ledger, shared by the thread that reads records and those who ask.
final class TrafficBook: Sendable {
    /// Who a slot's requests belong to.
    struct Owner: Sendable {
        var environment: EnvironmentID
        var blamed: ReleaseNumber?
    }

    private struct Content {
        var ledger = TrafficLedger()
        var owners: [Int: Owner] = [:]
        /// Whose records are read again from where they were left: those of a process that was replaced come to their end.
        var current: String?
    }
    private let content = Mutex(Content())

    var ledger: TrafficLedger { content.withLock { $0.ledger } }

    func replace(with ledger: TrafficLedger) { content.withLock { $0.ledger = ledger } }

    /// Tells whose requests come from which slot from now on.
    func assign(_ environments: [RoutedEnvironment]) {
        content.withLock { content in
            content.owners = environments.reduce(into: content.owners.filter { _ in false }) { owners, environment in
                // Between two releases nobody has a share: whoever was blamed before still is.
                let blamed = environment.majorRelease ?? content.owners[environment.slot]?.blamed
                owners[environment.slot] = Owner(environment: environment.route.environment, blamed: blamed)
            }
            for environment in environments {
                content.ledger.know(Set(environment.route.servers.map(\.instance)), of: environment.route.environment)
                for server in environment.route.servers {
                    content.ledger.know(FleetID(environment: environment.route.environment, release: server.release))
                }
            }
        }
    }

    /// Names the process that is followed from now on.
    func follow(_ process: String) { content.withLock { $0.current = process } }

    func forget(_ environment: EnvironmentID) { content.withLock { $0.ledger.remove(environment) } }

    func count(_ lines: [ArraySlice<UInt8>], of process: String) {
        let records = lines.compactMap { RequestRecord.parse($0) }
        let last = lines.last { RequestRecord.number($0) != nil }.flatMap { RequestRecord.number($0) }
        content.withLock { content in
            for record in records {
                guard let owner = content.owners[record.backend.slot] else { continue }
                content.ledger.count(record, of: owner.environment, blamed: owner.blamed)
            }
            if let last, process == content.current { content.ledger.position = TrafficLedger.Position(process: process, number: last) }
        }
    }

    func traffic(of environment: EnvironmentID) -> [ReleaseTraffic] { content.withLock { $0.ledger.traffic(of: environment) } }
    func served(by environment: EnvironmentID) -> [InstanceID: TrafficCount] { content.withLock { $0.ledger.served(by: environment) } }
    func lastRequest(to fleet: FleetID) -> Timestamp? { content.withLock { $0.ledger.lastRequest(to: fleet) } }
}

/// Leaves out the records that were counted before: everything up to and with the one that was read last.
final class RecordFilter: Sendable {
    private let marker: Mutex<Int?>

    /// - Parameter marker: the number of the record that was counted last, if it is still among those to come.
    init(marker: Int?) { self.marker = Mutex(marker) }

    func new(in lines: [ArraySlice<UInt8>]) -> [ArraySlice<UInt8>] {
        marker.withLock { marker in
            guard let wanted = marker else { return lines }
            guard let index = lines.firstIndex(where: { RequestRecord.number($0) == wanted }) else { return [] }
            marker = nil
            return Array(lines[(index + 1)...])
        }
    }
}
