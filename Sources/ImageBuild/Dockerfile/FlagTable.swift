import IngotModel

/// Which flags each instruction has, and what their values may be.
///
/// Source: Dockerfile reference; BuildKit's names.
enum FlagTable {
    enum Kind {
        case text
        /// `--link`, `--link=true`, `--link=false`.
        case bool
        /// Text, as often as it is wanted.
        case repeated
    }

    static let flags: [String: [String: Kind]] = [
        "FROM": ["platform": .text],
        "COPY": ["from": .text, "chown": .text, "chmod": .text, "link": .bool, "parents": .bool, "exclude": .repeated],
        "ADD": [
            "chown": .text, "chmod": .text, "link": .bool, "exclude": .repeated, "checksum": .text, "keep-git-dir": .bool, "unpack": .bool,
        ],
        "RUN": ["mount": .repeated, "network": .text, "security": .text],
        "HEALTHCHECK": ["interval": .text, "timeout": .text, "start-period": .text, "start-interval": .text, "retries": .text],
    ]

    /// What is wrong with the flags of a statement.
    static func mistakes(_ statement: Statement) -> [Diagnostic] {
        let known = flags[statement.keyword] ?? [:]
        var seen: Set<String> = []
        return statement.flags.compactMap { flag in
            guard let kind = known[flag.name] else { return unknown(flag, statement.keyword, known: known.keys.sorted()) }
            let isFirst = seen.insert(flag.name).inserted
            guard isFirst || kind == .repeated else { return Diagnostic(.error, at: flag.location, "--\(flag.name) stands twice") }
            return mistake(flag, kind)
        }
    }

    private static func unknown(_ flag: Statement.Flag, _ keyword: String, known: [String]) -> Diagnostic {
        if keyword == "RUN", flag.name == "device" {
            return Diagnostic(
                .error, at: flag.location,
                "RUN --device is refused: a build gets no device of this machine, so that it gives the same image on every one",
                hint: "do what needs the device when the container runs")
        }
        let hint = NearestWord.to(flag.name, among: known).map { "did you mean --\($0)?" }
        return Diagnostic(.error, at: flag.location, "\(keyword) has no flag --\(flag.name.prefix(40))", hint: hint)
    }

    private static func mistake(_ flag: Statement.Flag, _ kind: Kind) -> Diagnostic? {
        switch kind {
        case .text, .repeated:
            guard flag.value?.raw.isEmpty != false else { return nil }
            return Diagnostic(.error, at: flag.location, "--\(flag.name) has no value", hint: "write --\(flag.name)=…")
        case .bool:
            guard let value = flag.value, !["true", "false"].contains(value.raw.lowercased()) else { return nil }
            return Diagnostic(
                .error, at: value.location, "--\(flag.name) can't be '\(value.raw.prefix(20))'",
                hint: "write --\(flag.name), --\(flag.name)=true or false")
        }
    }
}
