import IngotModel
import SystemPackage

/// Reads an instance's state files; `nil` when one is not there or is not what it should be.
enum InstanceReading {
    static func identity(_ folder: InstanceFolder) -> InstanceIdentity? { read(folder.identity) }
    static func state(_ folder: InstanceFolder) -> SupervisorState? { read(folder.state) }
    static func exit(_ folder: InstanceFolder) -> ExitRecord? { read(folder.exit) }

    private static func read<Value: Decodable>(_ path: FilePath) -> Value? {
        guard let bytes = try? SystemFile.read(path, limit: EngineLimits.stateFile) else { return nil }
        return try? EngineJSON.decode(Value.self, from: bytes, name: path.string)
    }
}
