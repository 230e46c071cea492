import Engine
import IngotModel
import Simulation
import Testing

@testable import LocalEngine

@Suite("What every engine promises, on real containers", .serialized, .timeLimit(.minutes(5)))
struct EnginePromisesTests {
    @Test("the suite that every engine must pass")
    func suite() async throws {
        try await EngineMachine.with { machine, running in
            try await EngineConformance(engine: running.engine, first: machine.fleet(1), second: machine.fleet(2), patience: RealPatience()).all()
        }
    }
}
