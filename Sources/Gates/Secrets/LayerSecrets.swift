internal import ImageStore
internal import IngotModel

/// The secrets of one layer: kept with it, joined with what other layers hide later.
struct LayerSecrets: Hashable, Sendable, Codable {
    struct Finding: Hashable, Sendable, Codable {
        /// Without a leading slash.
        var path: String
        var rule: String
        var line: Int
        var sample: RedactedSample
    }

    var findings: [Finding] = []
    var problems: [String] = []
    var cover = LayerCover()

    /// Takes up one name of a layer and searches the file. A file that can't be read is a problem, not an error.
    mutating func add(_ entry: LayerEntry, _ matcher: SecretMatcher) {
        switch entry.kind {
        case .folder(let isOpaque): if isOpaque { cover.addOpaqueFolder(entry.path) }
        case .regular:
            cover.addName(entry.path)
            guard entry.size > 0 else { return }
            do { try search(entry, matcher) } catch { addProblem("\(entry.pathText) can't be read: \(error)") }
        default: cover.addName(entry.path)
        }
    }

    private mutating func search(_ entry: LayerEntry, _ matcher: SecretMatcher) throws {
        let path = String(decoding: entry.path, as: UTF8.self)
        let content = try entry.open()
        var position = 0
        var line = 1
        while position < entry.size {
            let end = min(entry.size, position + SecretLimits.piece)
            let bytes = try content.bytes(position..<end)
            guard bytes.count == end - position else { return addProblem("\(entry.pathText) is shorter than it should be") }
            let found = Self.search(bytes, path: path, firstLine: line, matcher)
            if found.isCut { addProblem("\(entry.pathText) has more than \(SecretLimits.findingsOfFile) findings, and not all are shown") }
            add(found.findings)
            guard end < entry.size else { return }
            let next = bytes.count - SecretLimits.overlap
            line += bytes[..<next].count { $0 == 10 }
            position += next
        }
    }

    /// What lies in two pieces is found twice.
    private mutating func add(_ found: [Finding]) {
        for finding in found where !(findings.last.map { $0 == finding } ?? false) {
            guard findings.count < SecretLimits.findingsOfLayer else {
                return addProblem("there are more than \(SecretLimits.findingsOfLayer) findings")
            }
            findings.append(finding)
        }
    }

    private mutating func addProblem(_ text: String) { if problems.count < 100, !problems.contains(text) { problems.append(text) } }

    /// Pure. Lines count from `firstLine`.
    static func search(_ bytes: [UInt8], path: String, firstLine: Int = 1, _ matcher: SecretMatcher) -> (findings: [Finding], isCut: Bool) {
        bytes.withUnsafeBufferPointer { buffer in
            var line = firstLine
            var position = 0
            let matches = matcher.matches(in: buffer, path: path)
            let findings = matches.list.map { match in
                line += buffer[position..<match.range.lowerBound].count { $0 == 10 }
                position = match.range.lowerBound
                return Finding(path: path, rule: matcher.rules[match.rule].id, line: line, sample: RedactedSample(buffer[match.range]))
            }
            return (findings, matches.isCut)
        }
    }
}
