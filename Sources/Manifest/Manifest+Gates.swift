import IngotModel
import Yams

/// Reads `gates`.
struct GatesReader {
    private let reader: MappingReader

    init(_ reader: MappingReader) { self.reader = reader }

    func policy() -> GatePolicy {
        let size = reader.section("size", known: Grammar.size.names)
        let secrets = reader.section("secrets", known: Grammar.secrets.names)
        return GatePolicy(
            largestSize: size.value("fail-at", .size(SettingLimits.imageSize)), vulnerabilities: vulnerabilities(),
            secretExceptions: entries("exceptions", of: secrets, Grammar.secretException, secretException))
    }

    /// The section closes the gate, also an empty one: `vulnerabilities: {}`.
    private func vulnerabilities() -> VulnerabilityPolicy? {
        guard reader.has("vulnerabilities") else { return nil }
        let section = reader.section("vulnerabilities", known: Grammar.vulnerabilities.names)
        let threshold = section.value("fail-at", .word(["low", "medium", "high", "critical"]))
        let unfixed = section.value("unfixed", .word(VulnerabilityPolicy.Unfixed.allCases.map(\.rawValue)))
        let scanner = section.value("scanner", .word(VulnerabilityPolicy.Scanner.allCases.map(\.rawValue)))
        return VulnerabilityPolicy(
            failAt: threshold.flatMap { Severity(rawValue: $0) } ?? Defaults.failAt.value,
            unfixed: unfixed.flatMap { VulnerabilityPolicy.Unfixed(rawValue: $0) } ?? Defaults.unfixed.value,
            scanner: scanner.flatMap { VulnerabilityPolicy.Scanner(rawValue: $0) } ?? Defaults.scanner.value,
            maximumAge: section.value("advisories-maximum-age", .duration(SettingLimits.advisoriesAge))
                ?? Defaults.advisoriesMaximumAge.value,
            exceptions: entries("exceptions", of: section, Grammar.exception, exception))
    }

    private func exception(_ entry: MappingReader) -> VulnerabilityPolicy.Exception? {
        let id = entry.required("id", .text)
        let package = entry.value("package", .text)
        let (until, reason) = term(of: entry)
        guard let id, let until, let reason, package != nil || !entry.has("package") else { return nil }
        return VulnerabilityPolicy.Exception(id: id, package: package, until: until, reason: reason)
    }

    private func secretException(_ entry: MappingReader) -> SecretException? {
        let id = entry.required("id", .text)
        let path = entry.required("path", .text)
        let (until, reason) = term(of: entry)
        guard let id, let path, let until, let reason else { return nil }
        return SecretException(id: id, path: path, reason: reason, until: until)
    }

    /// What each exception has: an end, and somebody's reason.
    private func term(of entry: MappingReader) -> (until: CalendarDate?, reason: String?) {
        (entry.required("until", .identifier), entry.required("reason", .text))
    }

    private func entries<Value>(
        _ key: String, of section: MappingReader, _ known: Section, _ read: (MappingReader) -> Value?
    ) -> [Value] {
        let items = section.node(key).flatMap { section.document.items(of: $0, section.path(key), limit: Manifest.Limit.listEntries) }
        return (items ?? []).compactMap { item in
            MappingReader(item, in: section.document, path: section.path("\(key)[]"), known: known.names).flatMap(read)
        }
    }
}
