import IngotModel

// ENV, LABEL, EXPOSE, ONBUILD and what has one value.
extension DockerfileParser {
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
        return [NamedWord(name: name, value: words.word(value, otherwise: statement.end), isOldForm: true)]
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

    /// The instruction behind ONBUILD with its documents. It is read here too, so that its mistakes are shown in time.
    mutating func readTrigger(_ statement: Statement) -> String? {
        guard statement.flags.isEmpty, var inner = statement.inner else {
            if statement.flags.isEmpty { report("ONBUILD needs an instruction", at: statement.end) }
            return nil
        }
        guard !["ONBUILD", "FROM", "MAINTAINER"].contains(inner.keyword) else {
            report("ONBUILD can't have \(inner.keyword)", at: inner.location)
            return nil
        }
        inner.documents = statement.documents
        guard kind(of: inner) != nil else { return nil }
        return statement.restText + statement.documents.map { "\n\($0.content)\($0.name)" }.joined()
    }
}
