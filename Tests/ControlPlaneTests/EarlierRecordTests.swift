import API
import Foundation
import IngotModel
import Testing

/// What a daemon has stored before fields were there that are there now. The text is literal: it stays what it is on somebody's disk.
@Suite struct EarlierRecordTests {
    @Test("a test's result of before it was kept how and when it ended is still one")
    func evidence() throws {
        let text = """
            {"image":"sha256:0000000000000000000000000000000000000000000000000000000000001001", \
            "output":"ok\\n","passed":true,"test":"unit","took":1250}
            """
        let evidence = try JSONDecoder().decode(TestEvidence.self, from: Data(text.utf8))
        #expect(evidence == TestEvidence(image: imageDigest(1), test: "unit", passed: true, took: 1_250, output: "ok\n"))
    }
}
