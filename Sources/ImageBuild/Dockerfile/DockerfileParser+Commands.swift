import IngotModel

// RUN, CMD, ENTRYPOINT, SHELL and HEALTHCHECK.
extension DockerfileParser {
    mutating func readRun(_ statement: Statement) -> RunInstruction? {
        guard let command = readCommand(statement) else { return nil }
        var run = RunInstruction(command)
        run.documents = statement.documents
        run.mounts = statement.values("mount").compactMap { readMount($0) }
        run.network = oneOf(["default", "none", "host"], statement, "network")
        run.security = oneOf(["sandbox", "insecure"], statement, "security")
        return run
    }

    private mutating func readMount(_ word: Word) -> MountFlag? {
        do throws(MountFlagReader.Failure) {
            return try MountFlagReader.read(word)
        } catch {
            report(error.message, at: word.location, hint: error.hint)
            return nil
        }
    }

    private mutating func oneOf(_ values: [String], _ statement: Statement, _ flag: String) -> Word? {
        guard let word = statement.value(flag) else { return nil }
        if !values.contains(word.raw), !word.raw.isEmpty {
            report("--\(flag) can't be '\(word.raw.prefix(40))'", at: word.location, hint: "write \(values.joined(separator: " or "))")
        }
        return word
    }

    mutating func readCommand(_ statement: Statement, mayBeEmpty: Bool = false) -> Command? {
        let text = statement.restText
        switch StringArray.read(text) {
        case .strings(let array):
            if array.isEmpty, !mayBeEmpty { report("\(statement.keyword) needs a program", at: statement.end) }
            return .exec(array)
        case .otherValues:
            reportOtherValues(statement)
            return nil
        case .notJSON: break
        }
        guard !text.isEmpty else {
            report("\(statement.keyword) needs a command", at: statement.end)
            return nil
        }
        if text.first == "[", text.last == "]", ["CMD", "ENTRYPOINT", "HEALTHCHECK"].contains(statement.keyword) || text.contains(",") {
            warn(
                "this looks like a list but is not JSON, so the shell gets it as it is", at: statement.start,
                hint: "use double quotes and commas: [\"program\", \"argument\"]")
        }
        return .shell(text)
    }

    mutating func readShell(_ statement: Statement) -> [String]? {
        guard let array = StringArray.parse(statement.restText), !array.isEmpty else {
            report("SHELL needs a JSON list", at: statement.start, hint: "SHELL [\"/bin/bash\", \"-c\"]")
            return nil
        }
        return array
    }

    mutating func readHealthCheck(_ statement: Statement) -> HealthCheck? {
        let kind = statement.rest.prefix { !$0.isBlank }
        let rest = statement.rest.dropFirst(kind.count).drop { $0.isBlank }
        switch String(kind.map(\.value)).uppercased() {
        case "NONE" where rest.isEmpty && statement.flags.isEmpty: return HealthCheck()
        case "CMD":
            var inner = statement
            inner.rest = rest
            guard let command = readCommand(inner) else { return nil }
            return HealthCheck(
                command: command, interval: duration(statement, "interval"), timeout: duration(statement, "timeout"),
                startPeriod: duration(statement, "start-period"), startInterval: duration(statement, "start-interval"),
                retries: retries(statement))
        default:
            report("HEALTHCHECK needs CMD and a command, or NONE alone", at: kind.first.map(words.location) ?? statement.end)
            return nil
        }
    }

    /// `0` is the engine's default, as when nothing is said.
    private mutating func duration(_ statement: Statement, _ flag: String) -> Duration? {
        guard let word = statement.value(flag) else { return nil }
        guard let duration = GoDuration.parse(word.raw) else {
            report("'\(word.raw.prefix(20))' is not a length of time", at: word.location, hint: "write 30s or 1m30s")
            return nil
        }
        guard duration != .zero else { return nil }
        if duration < .milliseconds(1) { report("--\(flag) can't be less than 1ms", at: word.location) }
        return duration
    }

    private mutating func retries(_ statement: Statement) -> Int? {
        guard let word = statement.value("retries") else { return nil }
        guard let count = Int(word.raw), (0...1_000_000).contains(count) else {
            report("'\(word.raw.prefix(20))' is not a number of tries", at: word.location)
            return nil
        }
        return count
    }
}
