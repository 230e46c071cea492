import ArgumentParser
import IngotModel

enum ExitCodes {
    /// For an answer that has been shown in full and means failure: a rollout that went back, a broken chain.
    static let world = ExitCode(Fault.world.exitCode)
    static let gate = ExitCode(Fault.gate.exitCode)
}
