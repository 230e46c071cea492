import API
import GRDB
import IngotModel

extension ControlStore {
    /// Keeps the newest verdicts on images, in the place of those before, and tells of those that changed: all at once, or nothing.
    func record(_ examined: [ExaminedImage], of service: ServiceName) async throws {
        try await write { database in
            let events = try examined.flatMap { image -> [EventDraft] in
                try Self.removeOthers(than: image.verdicts, of: service, database)
                return try image.verdicts.flatMap { try Self.keep($0, of: service, in: image.places, database) }
            }
            return ((), events)
        }
    }

    /// What a gate said that the policy does not ask any more would never be looked at again.
    private static func removeOthers(than verdicts: [GateVerdict], of service: ServiceName, _ database: Database) throws {
        guard let image = verdicts.first?.image else { return }
        for gate in GateVerdict.Gate.allCases where !verdicts.contains(where: { $0.gate == gate }) {
            try database.execute(
                sql: "DELETE FROM gateVerdicts WHERE image = ? AND service = ? AND gate = ?",
                arguments: [image.text, service.text, gate.rawValue])
        }
    }

    /// - Returns: the events that tell of a change.
    private static func keep(
        _ verdict: GateVerdict, of service: ServiceName, in places: [ImagePlace], _ database: Database
    ) throws -> [EventDraft] {
        let passed = try Bool.fetchOne(
            database, sql: "SELECT passes FROM gateVerdicts WHERE image = ? AND service = ? AND gate = ?",
            arguments: [verdict.image.text, service.text, verdict.gate.rawValue])
        try database.execute(
            sql: "INSERT OR REPLACE INTO gateVerdicts (service, image, gate, passes, body) VALUES (?, ?, ?, ?, ?)",
            arguments: [service.text, verdict.image.text, verdict.gate.rawValue, verdict.passes, try CanonicalJSON.text(verdict)])
        return VerdictChange(before: passed, verdict: verdict).events(in: places)
    }

    /// The newest verdicts on an image, by the policy of a service: of the gates that it asks now.
    func verdicts(on image: Digest, of service: ServiceName) async throws -> [GateVerdict] {
        let gates = try await gatePolicy(of: service)?.gates ?? []
        return try await read { database in
            try String.fetchAll(
                database, sql: "SELECT body FROM gateVerdicts WHERE image = ? AND service = ? ORDER BY gate",
                arguments: [image.text, service.text])
        }.map { try Self.decode(GateVerdict.self, $0, table: "gateVerdicts", key: image.text) }.filter { gates.contains($0.gate) }
    }

    /// SQLite reads it out: a specification may have a thousand environments, and is asked for by each of them.
    private func gatePolicy(of service: ServiceName) async throws -> GatePolicy? {
        let text = try await read { database in
            try String.fetchOne(
                database, sql: "SELECT specification -> '$.gates' FROM services WHERE name = ?", arguments: [service.text])
        }
        return try text.map { try Self.decode(GatePolicy.self, $0, table: "services", key: service.text) }
    }

    /// What is on record about an image, by service.
    func evidence(for image: Digest) async throws -> [ImageRecord] {
        let services = try await read { database in
            try String.fetchAll(
                database,
                sql: """
                    SELECT service FROM gateVerdicts WHERE image = :image UNION SELECT service FROM evidence WHERE image = :image ORDER BY service
                    """, arguments: ["image": image.text])
        }
        var records: [ImageRecord] = []
        for service in services.compactMap({ ServiceName($0) }) {
            records.append(
                ImageRecord(
                    service: service, tests: try await evidence(for: image, of: service), verdicts: try await verdicts(on: image, of: service)))
        }
        return records
    }

    /// What the promotion relied on that let a release's image in; `nil` when there is none on record. A release that was made of what runs, with
    /// new values of its secrets, has that of the release before it.
    func promotion(of release: Release) async throws -> PromotionRecord? {
        let row = try await read { database in
            try Row.fetchOne(
                database,
                sql: """
                    SELECT at, actor, evidence, verdicts, gates FROM promotions WHERE environment = ? AND image = ? AND release <= ?
                    ORDER BY release DESC, rowid LIMIT 1
                    """, arguments: [release.environment.text, release.image.text, release.number.value]
            ).map {
                (
                    at: $0["at"] as String, actor: $0["actor"] as String, tests: $0["evidence"] as String, verdicts: $0["verdicts"] as String,
                    gates: $0["gates"] as String
                )
            }
        }
        guard let row, let at = Timestamp(text: row.at) else { return nil }
        let key = "\(release.environment)/\(release.number)"
        return PromotionRecord(
            at: at, actor: row.actor, tests: try Self.decode([TestEvidence].self, row.tests, table: "promotions", key: key),
            verdicts: try Self.decode([GateVerdict].self, row.verdicts, table: "promotions", key: key),
            gates: try Self.decode([GateStanding].self, row.gates, table: "promotions", key: key))
    }

    // MARK: Rescans

    func lastRescan() async throws -> Rescan? {
        let row = try await read { database in
            try Row.fetchOne(database, sql: "SELECT at, basis FROM rescan").map { (at: $0["at"] as String, basis: $0["basis"] as String) }
        }
        return row.flatMap { row in Timestamp(text: row.at).map { Rescan(at: $0, basis: row.basis) } }
    }

    /// Names the policies of all services at the moment: another word when one of them has changed. SQLite reads them out, since this is asked
    /// twice a minute.
    func gatePolicies() async throws -> String {
        let policies = try await read {
            try String.fetchAll($0, sql: "SELECT name || ' ' || (specification -> '$.gates') FROM services ORDER BY name")
        }
        return Digest.of(policies.joined(separator: "\n")).hex
    }

    func save(_ rescan: Rescan) async throws {
        try await write([]) { database in
            try database.execute(
                sql: "INSERT OR REPLACE INTO rescan (only, at, basis) VALUES (1, ?, ?)", arguments: [rescan.at.text, rescan.basis])
        }
    }
}
