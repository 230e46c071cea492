import Foundation
import IngotModel
import Synchronization
import SystemPackage

@testable import Gates

/// Instances that are only words: what a test asks of them is noted, and what they answer is given.
final class FakeBench: TestBench {
    struct Script: Sendable {
        /// How an instance has ended by the time it is asked, by its number from 1 on.
        var endings: [Int: InstanceEnding] = [:]
        var writes = WriteRecord()
        /// What the readiness check says while it is frozen, and once it was told to end.
        var frozen: String? = "no answer"
        var ended: String? = "no answer"
        var url = "http://127.0.0.1:1"
        /// Those that can't be ended.
        var unendable: Set<InstanceID> = []
    }

    struct NotEnded: Error {}

    private struct State {
        var started: [Bool] = []
        var told: Set<InstanceID> = []
        var isFrozen = false
    }

    let script: Script
    private let state = Mutex(State())
    init(_ script: Script = Script()) { self.script = script }

    /// For each instance whether its writes are recorded.
    var started: [Bool] { state.withLock { $0.started } }
    var told: Set<InstanceID> { state.withLock { $0.told } }
    /// Whether every instance was told to end.
    var allEnded: Bool { state.withLock { $0.told.count == $0.started.count } }

    var variables: [String: String] { ["INGOT_REDIS_ADDRESS": "10.0.0.1:6379"] }

    func start(recordsWrites: Bool) async throws -> TestInstance {
        let number = state.withLock { state in
            state.started.append(recordsWrites)
            return state.started.count
        }
        return TestInstance(id: InstanceID(random: UInt32(number)), url: script.url)
    }

    func end(_ instance: InstanceID) async throws -> Timestamp {
        state.withLock { _ = $0.told.insert(instance) }
        if script.unendable.contains(instance) { throw NotEnded() }
        return Timestamp(millisecondsSince1970: 1_000)
    }

    func ending(of instance: InstanceID) async throws -> InstanceEnding? {
        let (count, isTold) = state.withLock { ($0.started.count, $0.told.contains(instance)) }
        if let ending = script.endings[count] { return ending }
        return isTold ? InstanceEnding(words: "exit code 0", wasKilled: false, endedAt: Timestamp(millisecondsSince1970: 1_250)) : nil
    }

    func setFrozen(_ isFrozen: Bool, _ instance: InstanceID) async throws { state.withLock { $0.isFrozen = isFrozen } }

    func hindrance(of instance: InstanceID) async throws -> String? {
        let (isFrozen, isTold) = state.withLock { ($0.isFrozen, $0.told.contains(instance)) }
        return isFrozen ? script.frozen : isTold ? script.ended : nil
    }

    func writes(of instance: InstanceID) async throws -> WriteRecord { script.writes }
}

/// A folder that is gone afterwards.
final class TestFolder {
    let path: FilePath
    init() {
        path = FilePath("/tmp/ingot-gates-\(UInt64.random(in: .min ... .max))")
        try? FileManager.default.createDirectory(atPath: path.string, withIntermediateDirectories: false)
    }
    deinit { try? FileManager.default.removeItem(atPath: path.string) }

    func write(_ name: String, _ text: String) throws {
        let file = try FileDescriptor.open(path.appending(name), .writeOnly, options: [.create, .truncate], permissions: [.ownerReadWrite])
        try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }
}
