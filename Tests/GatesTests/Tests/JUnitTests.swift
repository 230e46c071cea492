import IngotModel
import Testing

@testable import Gates

@Suite("JUnit reports")
struct JUnitTests {
    private func read(_ text: String) throws -> TestCases { try JUnitReader.read(Array(text.utf8)) }

    @Test("cases are counted over suites in suites, and failures keep their message or their text")
    func counts() throws {
        let cases = try read(
            """
            <?xml version="1.0"?>
            <testsuites><testsuite name="a"><testcase classname="A" name="one" time="0.1"/>
            <testsuite><testcase name="two"><failure>  at line 3
             &lt;here&gt; <![CDATA[& there]]>
            </failure></testcase></testsuite>
            <testcase name="three"><error message="broke" type="E">trace</error></testcase>
            <testcase name="four"><skipped/></testcase>
            <testcase name="five"><system-out>failure</system-out></testcase></testsuite></testsuites>
            """)
        #expect(cases.passed == 2 && cases.failed == 2 && cases.skipped == 1)
        #expect(cases.failures.map(\.name) == ["two", "three"])
        #expect(cases.failures.map(\.message) == ["at line 3\n <here> & there", "broke"])
    }

    @Test("an error outside of every case is a failed one")
    func outside() throws {
        let cases = try read("<testsuite><error message='no database'/></testsuite>")
        #expect(cases.failed == 1 && cases.failures.first?.message == "no database")
    }

    @Test(
        "what a suite says has failed and no case shows is a failed one",
        arguments: [
            "<testsuite name='s' failures='1'><testcase name='a'/></testsuite>", "<testsuite errors='2'><testcase name='a'/></testsuite>",
            "<testsuites failures='2'><testsuite failures='1'><testcase name='a'><failure/></testcase></testsuite></testsuites>",
            "<testsuites><testsuite/><testsuite errors='99999999999999'/></testsuites>",
        ])
    func claimed(text: String) throws { #expect(try read(text).failures.last?.message.hasPrefix("the suite says that") == true) }

    @Test("a suite that says what is in it has no more failed cases than that")
    func claimedAndThere() throws {
        let cases = try read("<testsuites failures='1' errors='1'><testsuite failures='1' errors='1'>\(Self.two)</testsuite></testsuites>")
        #expect(cases.failed == 2 && cases.passed == 0)
        #expect(try read("<testsuite failures='' errors='-1'><testcase/></testsuite>") == TestCases(passed: 1))
    }

    private static let two = "<testcase name='a'><failure/></testcase><testcase name='b'><error/></testcase>"

    @Test("no more failures are kept than there is room for, and no longer ones")
    func bounded() throws {
        let item = "<testcase name='\(String(repeating: "n", count: 500))'><failure message='\(String(repeating: "m", count: 5_000))'/></testcase>"
        let cases = try read("<testsuite>\(String(repeating: item, count: 80))</testsuite>")
        #expect(cases.failed == 80 && cases.failures.count == TestCases.keptFailures)
        #expect(cases.failures.allSatisfy { $0.name.count == JUnitReader.nameLength && $0.message.count == JUnitReader.messageLength })
    }

    @Test(
        "what grows by being read is refused",
        arguments: [
            "<!DOCTYPE a [<!ENTITY b 'c'>]><testsuite><testcase name='&b;'/></testsuite>",
            "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><testsuite/>",
        ])
    func entities(text: String) { #expect(throws: XMLReader.Failure.doctype) { try read(text) } }

    @Test("deep nesting is refused before it hurts")
    func deep() {
        let text = String(repeating: "<testsuite>", count: 100_000)
        #expect(throws: XMLReader.Failure.tooDeep(XMLReader.depthLimit)) { try read(text) }
    }

    @Test("more cases than anybody has are refused")
    func many() {
        let text = "<testsuite>\(String(repeating: "<testcase/>", count: JUnitReader.caseLimit + 1))</testsuite>"
        #expect(throws: JUnitReader.Failure.tooManyCases) { try read(text) }
    }

    @Test("what is no XML is refused with the line", arguments: ["", "<testsuite>", "<testsuite></a>", "\u{0}", "<testsuite>&x;</testsuite>", "{}"])
    func malformed(text: String) { #expect(throws: XMLReader.Failure.self) { try read(text) } }

    @Test("another document is refused", arguments: ["<html/>", "<testcase/>"])
    func other(text: String) { #expect(throws: JUnitReader.Failure.self) { try read(text) } }

    @Test("what is written can be read again, whatever was printed")
    func written() throws {
        let bad = TestOutcome(
            passed: false, took: 1_250, ending: "exit code 1 & \"so\" <on>", output: "a\u{0}\u{1B}[1m]]>\n\u{FFFF}",
            remedy: "mend it", details: TestDetails(cases: TestCases(failed: 1, failures: [TestCases.Failure(name: "n", message: "<m>")])))
        let good = TestOutcome(passed: true, took: 5, ending: "exit code 0")
        let text = JUnitWriter.write(
            [JUnitWriter.Result(name: "smoke", outcome: bad), JUnitWriter.Result(name: "unit", outcome: good)],
            service: ServiceName(uncheckedName: "shop"), image: Digest(bytes: [UInt8](repeating: 1, count: 32)),
            at: Timestamp(millisecondsSince1970: 0))
        let cases = try read(text)
        #expect(cases.passed == 1 && cases.failed == 1)
        #expect(cases.failures == [TestCases.Failure(name: "shop.smoke", message: "exit code 1 & \"so\" <on>")])
        #expect(text.contains("tests=\"2\" failures=\"1\" errors=\"0\" time=\"1.255\""))
    }
}
