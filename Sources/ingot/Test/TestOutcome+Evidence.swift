import API
import Gates
import IngotModel

extension TestOutcome {
    /// Of a test that came to no result. It counts as failed: that it passed once says nothing about what stood in its way now.
    static func notRun(_ error: any Error, took: Milliseconds) -> TestOutcome {
        let report = ErrorReport(error)
        return TestOutcome(passed: false, took: took, ending: "it could not be run: \(report.message)", remedy: report.remedy)
    }

    /// What is sent of it. The daemon keeps no more of the output, and refuses a body that is too large.
    func evidence(of test: String, with image: Digest) -> TestEvidence {
        TestEvidence(
            image: image, test: test, passed: passed, took: took,
            output: String(decoding: output.utf8.suffix(Limits.evidenceOutput.bytes), as: UTF8.self), ending: ending, details: details)
    }
}
