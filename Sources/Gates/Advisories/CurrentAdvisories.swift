import Glibc
internal import IngotModel
import Synchronization
public import SystemPackage

/// The index of advisories as it is at the moment: opened once, and again when another has taken its place.
public final class CurrentAdvisories: Sendable {
    /// Which file it is. An index is only ever replaced, so another one is another file.
    public struct Identity: Hashable, Sendable, CustomStringConvertible {
        var device: UInt
        var node: UInt
        var modified: Int
        var size: Int

        public var description: String { "\(device)-\(node)-\(modified)-\(size)" }
    }

    private let path: FilePath
    private let opened = Mutex<(identity: Identity, index: AdvisoryIndex, memory: SubjectMemory)?>(nil)

    public init(_ path: FilePath) { self.path = path }

    /// `nil` while there is none.
    public var identity: Identity? {
        var status = stat()
        guard path.withPlatformString({ stat($0, &status) }) == 0 else { return nil }
        return Identity(
            device: UInt(status.st_dev), node: UInt(status.st_ino), modified: status.st_mtim.tv_sec * 1_000_000_000 + status.st_mtim.tv_nsec,
            size: Int(status.st_size))
    }

    /// - Throws: `GateError` `gates.no-advisories` when there is none, `gates.advisory-index-damaged` when it can't be trusted.
    public func index() throws -> AdvisoryIndex { try present().index }

    /// - Throws: as `index`: then nothing was judged.
    func judge(_ bill: BillOfMaterials, policy: VulnerabilityPolicy, at now: Timestamp) throws -> VulnerabilityReport {
        let (index, memory) = try present()
        return try VulnerabilityGate.judge(bill, against: index, policy: policy, at: now, memory)
    }

    private func present() throws -> (index: AdvisoryIndex, memory: SubjectMemory) {
        try opened.withLock { opened in
            let identity = identity
            if let opened, opened.identity == identity { return (opened.index, opened.memory) }
            let (index, memory) = (try AdvisoryIndex.open(path), SubjectMemory())
            opened = identity.map { ($0, index, memory) }
            return (index, memory)
        }
    }
}
