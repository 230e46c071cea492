import IngotModel
import Testing

/// What a daemon has stored before fields were there that are there now. The texts are literal: they stay what they are on somebody's disk.
@Suite struct EarlierRecordTests {
    @Test("a test of before tests had needs and reports has none")
    func test() throws {
        let stage = #"{"deadline":600000,"kind":{"stage":{"_0":"test"}},"name":"unit"}"#
        #expect(try value(from: stage) == TestSpecification(name: "unit", kind: .stage("test"), deadline: .minutes(10)))
        let command = #"{"deadline":30000,"kind":{"command":{"_0":["./smoke.sh","--url"]}},"name":"smoke"}"#
        #expect(try value(from: command) == TestSpecification(name: "smoke", kind: .command(["./smoke.sh", "--url"]), deadline: .seconds(30)))
    }

    @Test(
        "a policy of before there were gates for vulnerabilities and secrets asks for neither, and excepts nothing",
        arguments: [("{}", GatePolicy()), (#"{"largestSize":268435456}"#, GatePolicy(largestSize: .mebibytes(256)))])
    func policy(text: String, policy: GatePolicy) throws { #expect(try value(from: text) == policy) }
}
