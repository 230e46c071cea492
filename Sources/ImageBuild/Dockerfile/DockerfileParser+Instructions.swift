import IngotModel

extension DockerfileParser {
    mutating func readFrom(_ statement: Statement) {
        refuseUnknownFlags(statement)
        let parts = words.plainWords(statement.rest)
        guard let base = parts.first, parts.count == 1 || (parts.count == 3 && parts[1].raw.lowercased() == "as") else {
            let location = parts.dropFirst().first?.location ?? statement.end
            return report("FROM needs one base, and perhaps AS and a name", at: location, hint: "FROM base AS name")
        }
        let name = parts.count == 3 ? stageName(parts[2]) : nil
        stages.append(Stage(base: base, name: name, location: statement.location, instructions: []))
    }

    private mutating func stageName(_ word: Word) -> String? {
        let name = word.raw.lowercased()
        let isName =
            name.first?.isASCII == true && name.first?.isLetter == true
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || "_.-".utf8.contains($0) }
        if !isName || name == "scratch" {
            report("'\(word.raw.prefix(40))' can't be the name of a stage", at: word.location, hint: "a letter, then letters, digits, _ . -")
        } else if stages.contains(where: { $0.name == name }) {
            report("there is a stage '\(name)' already", at: word.location)
        }
        return name
    }

    mutating func readArguments(_ statement: Statement) -> [ArgumentDeclaration] {
        let declarations = words.quotedWords(statement.rest).compactMap { word -> ArgumentDeclaration? in
            let (name, value) = split(word)
            guard isVariableName(name.raw) else {
                report("'\(name.raw.prefix(40))' can't be the name of an argument", at: word.location)
                return nil
            }
            return ArgumentDeclaration(name: name.raw, value: value, location: word.location)
        }
        if statement.rest.isEmpty { report("ARG needs a name", at: statement.end) }
        return declarations
    }

    /// `name=value` at the first `=`; no value without one.
    private func split(_ word: Word) -> (name: Word, value: Word?) {
        guard let separator = word.raw.firstIndex(of: "=") else { return (word, nil) }
        var location = word.location
        location.column += word.raw.distance(from: word.raw.startIndex, to: separator) + 1
        let value = Word(String(word.raw[word.raw.index(after: separator)...]), at: location)
        return (Word(String(word.raw[..<separator]), at: word.location), value)
    }

    private func isVariableName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && !"=\"'$\\`".utf8.contains($0) }
    }

    /// `NAME=value …`, or the old form `NAME value to the end`.
    mutating func readPairs(_ statement: Statement) -> [NamedWord]? {
        let parts = words.quotedWords(statement.rest)
        guard let first = parts.first else {
            report("\(statement.keyword) needs a name and a value", at: statement.end)
            return nil
        }
        if !first.raw.contains("=") { return readOldPair(statement, name: first) }
        return parts.compactMap { word in
            let (name, value) = split(word)
            guard let value, !name.raw.isEmpty else {
                report(
                    "'\(word.raw.prefix(40))' has no '=': \(statement.keyword) needs name=value", at: word.location, hint: "put quotes around blanks")
                return nil
            }
            return NamedWord(name: name, value: value)
        }
    }

    private mutating func readOldPair(_ statement: Statement, name: Word) -> [NamedWord]? {
        let value = statement.rest.dropFirst(name.raw.count).drop { $0.isBlank }
        guard !value.isEmpty else {
            report("\(statement.keyword) needs a value for '\(name.raw.prefix(40))'", at: statement.end)
            return nil
        }
        return [NamedWord(name: name, value: words.word(value, otherwise: statement.end))]
    }

    /// Everything behind the keyword as one word.
    mutating func readOne(_ statement: Statement, _ what: String) -> Word? {
        guard !statement.rest.isEmpty else {
            report("\(statement.keyword) needs \(what)", at: statement.end)
            return nil
        }
        return words.word(statement.rest, otherwise: statement.end)
    }

    mutating func readPorts(_ statement: Statement) -> Instruction.Kind? {
        let ports = words.plainWords(statement.rest)
        if ports.isEmpty { report("EXPOSE needs a port", at: statement.end) }
        return ports.isEmpty ? nil : .expose(ports)
    }

    mutating func readCopy(_ statement: Statement) -> CopyInstruction? {
        let array = StringArray.parse(statement.restText)
        let start = statement.rest.first.map(words.location) ?? statement.end
        var parts = array.map { $0.map { Word($0, at: start) } } ?? words.plainWords(statement.rest)
        guard parts.count >= 2, let destination = parts.popLast() else {
            report("COPY needs at least one source and a destination", at: statement.end)
            return nil
        }
        return CopyInstruction(
            sources: parts, destination: destination, from: statement.value("from"), owner: statement.value("chown"),
            mode: statement.value("chmod"))
    }

    mutating func readCommand(_ statement: Statement, mayBeEmpty: Bool = false) -> Command? {
        let text = statement.restText
        if let array = StringArray.parse(text) {
            if array.isEmpty, !mayBeEmpty { report("\(statement.keyword) needs a program", at: statement.end) }
            return .exec(array)
        }
        guard !text.isEmpty else {
            report("\(statement.keyword) needs a command", at: statement.end)
            return nil
        }
        if text.first == "[", text.last == "]", let first = statement.rest.first {
            warn(
                "this looks like a list but is not JSON, so the shell gets it as it is", at: words.location(first),
                hint: "use double quotes and commas: [\"program\", \"argument\"]")
        }
        return .shell(text)
    }

    mutating func readShell(_ statement: Statement) -> [String]? {
        guard let array = StringArray.parse(statement.restText), !array.isEmpty else {
            report("SHELL needs a JSON list", at: statement.rest.first.map(words.location) ?? statement.end, hint: "SHELL [\"/bin/bash\", \"-c\"]")
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
                startPeriod: duration(statement, "start-period"), retries: retries(statement))
        default:
            report("HEALTHCHECK needs CMD and a command, or NONE alone", at: kind.first.map(words.location) ?? statement.end)
            return nil
        }
    }

    private mutating func duration(_ statement: Statement, _ flag: String) -> Milliseconds? {
        guard let word = statement.value(flag) else { return nil }
        guard let duration = Milliseconds(text: word.raw), duration >= 0 else {
            report("'\(word.raw.prefix(20))' is not a length of time", at: word.location, hint: "write 30s or 1m30s")
            return nil
        }
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
