import CFaultyDisk
import Engine
import IngotModel
import Rollout
import Simulation

/// A disk in memory on which a database lives through full disks, failed syncs and power cuts. See `CFaultyDisk.h`.
final class FaultyDisk: @unchecked Sendable {
    /// The C side has a lock of its own.
    private let disk: OpaquePointer
    private let name: String

    init(seed: UInt64) throws {
        name = "disk-\(String(UInt64.random(in: 0 ... .max), radix: 36))"
        guard let disk = faulty_disk_new(name, seed) else { throw DiskMissing() }
        self.disk = disk
    }

    deinit { faulty_disk_free(disk) }

    struct DiskMissing: Error {}
    struct LogNotRenewed: Error {}

    /// A process that uses the disk.
    func beginLife() -> DiskLife { DiskLife(disk: self, number: faulty_disk_begin_life(disk)) }

    func losePower() { faulty_disk_lose_power(disk) }
    /// The life that runs ends in its so-many-th effect from now.
    func endLife(after effects: Int, byPowerCut: Bool) { faulty_disk_end_after(disk, Int32(effects), byPowerCut) }
    func setFaults(_ faults: faulty_disk_faults) { faulty_disk_set_faults(disk, faults) }

    var powerCuts: Int { Int(faulty_disk_power_cuts(disk)) }
    var operations: Int { Int(faulty_disk_operations(disk)) }
    var failures: Int { Int(faulty_disk_failures(disk)) }

    fileprivate func database(of life: Int32) -> String { "file:/ingot.db?vfs=\(name)&life=\(life)" }
    fileprivate func renewLog(_ life: Int32) -> Bool { faulty_disk_renew(disk, life, "/ingot.db-wal") }
    fileprivate func isAlive(_ life: Int32) -> Bool { faulty_disk_is_alive(disk, life) }
    fileprivate func end(_ life: Int32) { faulty_disk_end_life(disk, life) }
    fileprivate func effect(_ life: Int32) -> Bool { faulty_disk_effect(disk, life) }
}

/// One process on a disk, from its start to its end. Its effects on the disk, on the engine and on the router are counted together.
struct DiskLife: Sendable {
    let disk: FaultyDisk
    let number: Int32

    var database: String { disk.database(of: number) }
    var isAlive: Bool { disk.isAlive(number) }
    func end() { disk.end(number) }

    /// As `WriteAheadLog.renew` does on a real disk.
    func renewLog() throws { if !disk.renewLog(number) { throw FaultyDisk.LogNotRenewed() } }

    /// Something outside the disk that the process does.
    ///
    /// - Throws: `SimulatedCrash` when it is dead, or dies of it.
    func effect() throws { if !disk.effect(number) { throw SimulatedCrash() } }
}

/// An engine that is called by a process which may die before any call, and before the answer.
struct MortalEngine: Engine {
    let engine: SimulatedEngine
    let life: DiskLife
    let interrupt: @Sendable () async -> Void

    func resize(_ fleet: FleetSpecification, to size: Int, ending: Set<InstanceID>?, generation: Generation) async throws {
        try life.effect()
        try await engine.resize(fleet, to: size, ending: ending, generation: generation)
        try life.effect()
    }

    func fence(_ environment: EnvironmentID, generation: Generation) async throws {
        try life.effect()
        try await engine.fence(environment, generation: generation)
    }

    func generation(of environment: EnvironmentID) async throws -> Generation {
        try life.effect()
        return try await engine.generation(of: environment)
    }

    func fleets(of environment: EnvironmentID) async throws -> [FleetStatus] {
        try life.effect()
        let fleets = try await engine.fleets(of: environment)
        await interrupt()
        return fleets
    }

    func allFleets() async throws -> [FleetID] {
        try life.effect()
        return try await engine.allFleets()
    }

    func changes() -> AsyncStream<EnvironmentID> { engine.changes() }
}

/// The same for a router.
struct MortalRouter: Router {
    let router: SimulatedRouter
    let life: DiskLife
    let interrupt: @Sendable () async -> Void

    func apply(_ route: Route) async throws {
        try life.effect()
        try await router.apply(route)
        try life.effect()
        await interrupt()
    }

    func observe(_ environment: EnvironmentID) async throws -> RouteObservation? {
        try life.effect()
        let observation = try await router.observe(environment)
        await interrupt()
        return observation
    }

    func remove(_ environment: EnvironmentID) async throws {
        try life.effect()
        try await router.remove(environment)
    }

    func traffic(of environment: EnvironmentID) async throws -> [ReleaseTraffic] {
        try life.effect()
        return try await router.traffic(of: environment)
    }

    func lastRequest(to release: ReleaseNumber, of environment: EnvironmentID) async throws -> Timestamp? {
        try life.effect()
        return try await router.lastRequest(to: release, of: environment)
    }

    func changes() -> AsyncStream<EnvironmentID> { router.changes() }
}
