import API
import IngotModel

/// How long after its start an instance of a test, or something that one needs, may still be in use: should `ingot` be killed, the daemon
/// ends it then. What is started first lives through the start of all others.
enum TestLifetime {
    /// For what the client itself does in between.
    private static let reserve = Milliseconds.minutes(3)

    static func of(_ test: TestSpecification, run: RunSettings) -> Milliseconds {
        let (used, instances) = use(test, run)
        let starts = Milliseconds(Limits.throwawayReadiness.count * (test.needs.count + instances))
        return used + starts + reserve
    }

    /// How long its instances are used once they are ready, and how many there are, one after another.
    private static func use(_ test: TestSpecification, _ run: RunSettings) -> (Milliseconds, instances: Int) {
        switch test.kind {
        case .stage, .command: (test.deadline, 1)
        case .check(.statelessness): (test.deadline + test.deadline, 2)
        case .check(.gracefulStop): (run.stopGrace + run.stopGrace, 1)
        case .check(.readiness): (run.stopGrace + run.readiness.timeout, 1)
        }
    }
}
