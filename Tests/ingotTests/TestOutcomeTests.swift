import API
import Gates
import IngotModel
import Testing

@testable import ingot

@Suite struct TestOutcomeTests {
    @Test("a test that can't be run has not passed, and says why")
    func notRun() {
        let error = CommandError("image-unknown", "no image is called 'redis'", remedy: "pull it")
        let outcome = TestOutcome.notRun(error, took: 5)
        #expect(!outcome.passed && outcome.took == 5)
        #expect(outcome.ending == "it could not be run: no image is called 'redis'")
        #expect(outcome.remedy == "pull it")
    }

    @Test("no more of the output is sent than is kept, from its end")
    func output() {
        let long = TestOutcome(passed: false, took: 1, ending: "exit code 1", output: String(repeating: "x", count: 2 << 20) + "end")
        let evidence = long.evidence(of: "smoke", with: Digest(bytes: [UInt8](repeating: 1, count: 32)))
        #expect(evidence.output.utf8.count == Limits.evidenceOutput.bytes && evidence.output.hasSuffix("xend"))
        #expect(evidence.test == "smoke" && !evidence.passed && evidence.ending == "exit code 1")
    }
}
