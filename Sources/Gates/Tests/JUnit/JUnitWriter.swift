public import IngotModel

/// Writes the results of tests as JUnit's XML, for what shows them elsewhere.
public enum JUnitWriter {
    public struct Result: Hashable, Sendable {
        public var name: String
        public var outcome: TestOutcome
        public init(name: String, outcome: TestOutcome) {
            self.name = name
            self.outcome = outcome
        }
    }

    /// One suite, named for the service, with a case for each test; the failed cases of a test's own report stand in its message.
    public static func write(_ results: [Result], service: ServiceName, image: Digest, at: Timestamp) -> String {
        let failed = results.count { !$0.outcome.passed }
        let took = results.reduce(Milliseconds(0)) { $0 + $1.outcome.took }
        let totals = "tests=\"\(results.count)\" failures=\"\(failed)\" errors=\"0\" time=\"\(seconds(took))\""
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="\(escaped(service.name))" \(totals)>
            <testsuite name="\(escaped(service.name))" \(totals) skipped="0" timestamp="\(at.text.prefix(19))">
            <properties><property name="image" value="\(image)"/></properties>
            \(results.map { item($0, service) }.joined(separator: "\n"))
            </testsuite>
            </testsuites>

            """
    }

    private static func item(_ result: Result, _ service: ServiceName) -> String {
        let outcome = result.outcome
        let open = "<testcase classname=\"\(escaped(service.name))\" name=\"\(escaped(result.name))\" time=\"\(seconds(outcome.took))\">"
        let failures = (outcome.details?.cases?.failures ?? []).map { "\($0.name): \($0.message)" }
        let text = (failures + [outcome.remedy.map { "to do: \($0)" }].compactMap { $0 }).joined(separator: "\n")
        let failure = outcome.passed ? "" : "<failure message=\"\(escaped(outcome.ending))\">\(escaped(text))</failure>"
        let output = outcome.output.isEmpty ? "" : "<system-out>\(escaped(outcome.output))</system-out>"
        return "\(open)\(failure)\(output)</testcase>"
    }

    private static func seconds(_ time: Milliseconds) -> String {
        let rest = String(time.count % 1_000)
        return "\(time.count / 1_000).\(String(repeating: "0", count: 3 - rest.count))\(rest)"
    }

    /// What XML can't hold at all becomes U+FFFD. Source: XML 1.0, section 2.2.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\n": escaped += "&#10;"
            case "\t": escaped += "&#9;"
            case _ where scalar.value < 32 || scalar.value == 0xFFFE || scalar.value == 0xFFFF: escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
