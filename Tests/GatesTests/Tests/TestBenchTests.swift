import IngotModel
import Testing

@testable import Gates

@Suite struct TestBenchTests {
    private struct Broken: Error {}

    private let bench = FakeBench(FakeBench.Script(unendable: [InstanceID(random: 1)]))

    @Test("what a test says is not hidden by an instance that can't be ended")
    func own() async {
        await #expect(throws: Broken.self) {
            try await bench.withInstance { (_: TestInstance) async throws -> Bool in throw Broken() }
        }
    }

    @Test("that an instance can't be ended is an error of a test that has no other")
    func notEnded() async {
        await #expect(throws: FakeBench.NotEnded.self) { try await bench.withInstance { $0.url } }
    }

    @Test("one that can't be ended does not leave the others running")
    func all() async {
        let instances = (1...3).map { InstanceID(random: UInt32($0)) }
        await #expect(throws: FakeBench.NotEnded.self) { try await bench.endAll(instances) }
        #expect(bench.told == Set(instances))
    }
}
