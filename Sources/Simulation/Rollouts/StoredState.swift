import Rollout

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The state of an environment in the form in which it stands on disk.
enum StoredState {
    static func encode(_ state: EnvironmentState) throws -> [UInt8] { Array(try JSONEncoder().encode(state)) }
    static func decode(_ bytes: [UInt8]) throws -> EnvironmentState { try JSONDecoder().decode(EnvironmentState.self, from: Data(bytes)) }
}
