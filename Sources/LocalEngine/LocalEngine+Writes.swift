import CLinux
import ContainerRuntime
import Engine
import Glibc
public import IngotModel
import Synchronization
import SystemPackage

extension LocalEngine {
    /// Every path that a throwaway instance with a scratch root has written by now, and the programs it was seen to run.
    ///
    /// - Throws: `engine.instance-unknown`; `engine.not-recorded` when it has no scratch root or has ended.
    public func writes(of id: InstanceID) throws -> WriteRecord {
        let launch = try throwaway(id)
        guard launch.specification.root == .scratch, let ready = beginnings.withLock({ $0[id] }) else { throw EngineError.notRecorded(id) }
        var now = WriteObservation()
        now.sawPrograms(of: id)
        guard readFiles(of: launch, into: &now) else { throw EngineError.notRecorded(id) }
        return WriteObservation.record(ready: ready, now: now)
    }

    /// Keeps what an instance had written when it got ready.
    func keepBeginning(_ observation: WriteObservation, of id: InstanceID) {
        guard let launch = state.withLock({ $0.instances[id]?.launch }) else { return }
        var observation = observation
        observation.sawPrograms(of: id)
        guard readFiles(of: launch, into: &observation) else { return }
        beginnings.withLock { $0[id] = observation }
    }

    /// - Returns: whether its world could still be looked into.
    private func readFiles(of launch: Launch, into observation: inout WriteObservation) -> Bool {
        let files = folder.instance(launch.id)
        guard let state = InstanceReading.state(files) else { return false }
        // The layer is mounted where only the supervisor sees it, the places in memory where only the instance does.
        guard Self.scan("\(files.path)/scratch/upper", of: state.supervisorPID, as: "", into: &observation.root) else { return false }
        let places = launch.specification.run.writable + ["/dev/shm"]
        observation.root.leaveOut(MountPoints.made(for: places))
        for place in places { _ = Self.scan(place, of: state.initPID, as: place, into: &observation.writable) }
        return true
    }

    /// Scans a folder as a process sees it; a link in its path does not lead out of that process's root.
    private static func scan(_ path: String, of pid: Int32, as name: String, into scan: inout FolderScan) -> Bool {
        let root = open("/proc/\(pid)/root", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { return false }
        defer { close(root) }
        let folder = ingot_engine_open_in_root(root, path)
        guard folder >= 0 else { return false }
        defer { close(folder) }
        scan.read(folder, as: name)
        return true
    }
}

/// What the runtime makes in a root before the instance runs.
private enum MountPoints {
    static func made(for places: [String]) -> Set<String> { Set(["/proc", "/sys", "/dev", "/run/secrets"] + places) }
}

extension EngineError {
    static func notRecorded(_ id: InstanceID) -> EngineError {
        EngineError(
            code: "engine.not-recorded", message: "what instance \(id) has written is not known: it has ended, or was not started to be recorded",
            remedy: "see how it ended with `ingot instance show \(id)`")
    }
}
