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
    public func writes(of id: InstanceID) async throws -> WriteRecord {
        let launch = try throwaway(id)
        guard launch.specification.root == .scratch, let ready = beginnings.withLock({ $0[id] }) else { throw EngineError.notRecorded(id) }
        guard let now = await observed(launch, after: WriteObservation()) else { throw EngineError.notRecorded(id) }
        return WriteObservation.record(ready: ready, now: now)
    }

    /// Keeps what an instance had written when it got ready.
    func keepBeginning(_ observation: WriteObservation, of id: InstanceID) async {
        guard let launch = state.withLock({ $0.instances[id]?.launch }), let beginning = await observed(launch, after: observation) else { return }
        beginnings.withLock { $0[id] = beginning }
    }

    /// What it runs and has written by now, beside what was seen of it before; `nil` when its world can't be looked into any more.
    ///
    /// The instance decides how much there is to look at, so it is done on a thread that may be kept waiting.
    private func observed(_ launch: Launch, after earlier: WriteObservation) async -> WriteObservation? {
        let files = folder.instance(launch.id)
        return await Self.onOwnThread { () -> WriteObservation? in
            var observation = earlier
            observation.sawPrograms(of: launch.id)
            return Self.readFiles(of: launch, files, into: &observation) ? observation : nil
        }
    }

    /// - Returns: whether its world could still be looked into.
    private static func readFiles(of launch: Launch, _ files: InstanceFolder, into observation: inout WriteObservation) -> Bool {
        guard let state = InstanceReading.state(files) else { return false }
        // The layer is mounted where only the supervisor sees it, the places in memory where only the instance does.
        guard scan("\(files.path)/scratch/upper", of: state.supervisorPID, as: "", into: &observation.root) else { return false }
        let places = launch.specification.run.writable + ["/dev/shm"]
        observation.root.leaveOut(MountPoints.made(for: places))
        for place in places {
            let wasRead = scan(place, of: state.initPID, as: place, into: &observation.writable)
            if !wasRead { observation.writable.noteOmission() }
        }
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
