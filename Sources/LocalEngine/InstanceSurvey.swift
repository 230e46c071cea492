import ContainerRuntime
import Engine
import IngotModel
import SystemPackage

/// What an engine finds in its folder when it is made: instances that run, have ended, or never came to be.
struct InstanceSurvey: Sendable {
    struct Running: Sendable {
        var identity: InstanceIdentity
        var pid: Int32
        var startTime: UInt64?
        var isEnding: Bool
    }
    /// Their supervisor lives.
    var running: [Running] = []
    /// Their supervisor said how they ended.
    var ended: [(InstanceIdentity, ExitRecord)] = []
    /// Their supervisor is gone without a word; their container may run.
    var lost: [InstanceIdentity] = []
    /// Folders without a readable identity, or in which no supervisor ever ran.
    var halfMade: [String] = []
    /// Supervisors of this engine whose instance is not known.
    var strays: [InstanceID: Int32] = [:]
    var orphans: [Orphan] = []

    init(_ folder: EngineFolder, now: Timestamp) {
        strays = ProcessIdentity.supervisors(under: folder.instances)
        for name in SystemFile.names(in: folder.instances) { look(at: name, in: folder, now: now) }
    }

    private mutating func look(at name: String, in folder: EngineFolder, now: Timestamp) {
        guard let id = InstanceID(text: name), let identity = Self.read(InstanceIdentity.self, folder.instance(id).identity),
            identity.id == id
        else {
            halfMade.append(name)
            return
        }
        let files = folder.instance(id)
        let state = Self.read(SupervisorState.self, files.state)
        if let state, Self.isRunning(state) {
            strays[id] = nil
            let isEnding = SystemFile.exists(files.ending)
            running.append(Running(identity: identity, pid: state.supervisorPID, startTime: state.supervisorStartTime, isEnding: isEnding))
        } else if let pid = strays.removeValue(forKey: id) {
            running.append(Running(identity: identity, pid: pid, startTime: nil, isEnding: SystemFile.exists(files.ending)))
        } else if let exit = Self.read(ExitRecord.self, files.exit) {
            ended.append((identity, exit))
        } else if state != nil {
            lost.append(identity)
        } else {
            halfMade.append(name)
        }
    }

    private static func isRunning(_ state: SupervisorState) -> Bool {
        ProcessIdentity.startTime(of: state.supervisorPID) == state.supervisorStartTime
            && !ProcessIdentity.isZombie(state.supervisorPID)
    }

    private static func read<Value: Decodable>(_ type: Value.Type, _ path: FilePath) -> Value? {
        guard let bytes = try? SystemFile.read(path, limit: EngineLimits.stateFile) else { return nil }
        return try? EngineJSON.decode(type, from: bytes, name: path.string)
    }
}
