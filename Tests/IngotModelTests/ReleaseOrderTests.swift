// swift-format-ignore-file: NeverForceUnwrap
// The names here are literals: one that is not a name is a mistake of the test, and ends it.

import IngotModel
import Testing

@Suite struct ReleaseOrderTests {
    private func set(_ members: [(String, [String])], deadline: Milliseconds = .minutes(1)) -> ReleaseSetSpecification {
        ReleaseSetSpecification(
            name: ReleaseSetName("storefront")!, deadline: deadline,
            members: members.map { .init(service: ServiceName($0.0)!, reference: "v1", after: $0.1.map { ServiceName($0)! }) })
    }

    @Test("members stand in groups that may begin side by side")
    func waves() {
        let order = ReleaseOrder(set([("d", ["b", "c"]), ("b", ["a"]), ("c", ["a"]), ("a", []), ("e", [])]))
        #expect(order.waves.map { $0.map(\.name) } == [["a", "e"], ["b", "c"], ["d"]])
        #expect(order.cycles.isEmpty)
    }

    @Test("every cycle is found, and only who is on it is named")
    func cycles() {
        let order = ReleaseOrder(set([("x", ["a"]), ("a", ["b"]), ("b", ["c"]), ("c", ["a"]), ("y", []), ("z", ["z"])]))
        #expect(order.cycles.map { $0.map(\.name) } == [["a", "b", "c"], ["z"]])
        #expect(order.waves.map { $0.map(\.name) } == [["y"]])
    }

    @Test("what is wrong with a set is told, all of it")
    func mistakes() {
        #expect(set([("a", []), ("b", ["a"])]).mistakes.isEmpty)
        #expect(set([]).mistakes == ["it has no member"])
        #expect(set([("a", ["z"]), ("a", [])]).mistakes == ["a stands in it twice", "a waits for z, which is not in it"])
        #expect(set([("a", ["b"]), ("b", ["a"])]).mistakes == ["a waits for b, which waits for a"])
        #expect(set([("a", [])], deadline: 5).mistakes.first?.hasPrefix("its deadline is 5ms") == true)
        #expect(set((0...32).map { ("s\($0)", []) }).mistakes.first?.hasPrefix("it has 33 members") == true)
    }
}
