import Engine
import IngotModel
import Testing

@testable import LocalEngine

@Suite("What may start", .serialized)
struct StartPermissionTests {
    @Test("each start is asked for; a refusal is a start that failed, with its reason, and what runs goes on")
    func refused() async throws {
        try await EngineMachine.with { machine, running in
            let fleet = machine.fleet()
            let first = try await running.running(fleet, count: 1)
            #expect(machine.permission.count == 1)

            machine.permission.refuse("nobody has signed it")
            try await running.resize(fleet, to: 2, generation: 2)
            #expect(try await eventually { try await running.status(fleet)?.startError == "nobody has signed it; to do: sign it" })
            #expect(await get(first[0].endpoint, "/") == "hello")
            #expect(running.engine.instances().count { $0.state == .running } == 1)
            // It is tried again by itself, and starts as soon as it may.
            #expect(await eventually { machine.permission.count >= 3 })
            machine.permission.refuse(nil)
            #expect(await eventually { running.engine.instances().count { $0.state == .running } == 2 })
        }
    }

    @Test("one that ended is not replaced while it may not be, and tests are not asked about")
    func replacement() async throws {
        try await EngineMachine.with { machine, running in
            let fleet = machine.fleet()
            let instance = try #require(try await running.running(fleet, count: 1).first)
            machine.permission.refuse("rejected")
            await running.engine.endByForce(instance.id)
            #expect(try await eventually { try await running.status(fleet)?.startError != nil })
            #expect(running.engine.instances().allSatisfy { $0.state != .running })
            let asked = machine.permission.count
            let (id, _) = try await running.engine.startThrowaway(machine.image, of: machine.service, run: Samples.run())
            try running.engine.endThrowaway(id)
            #expect(machine.permission.count >= asked)
        }
    }
}
