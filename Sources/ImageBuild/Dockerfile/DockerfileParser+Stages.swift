import IngotModel

// FROM and ARG.
extension DockerfileParser {
    mutating func readFrom(_ statement: Statement) {
        diagnostics += FlagTable.mistakes(statement)
        let parts = words.plainWords(statement.rest)
        guard let base = parts.first, parts.count == 1 || (parts.count == 3 && parts[1].raw.lowercased() == "as") else {
            let location = parts.dropFirst().first?.location ?? statement.end
            return report("FROM needs one base, and perhaps AS and a name", at: location, hint: "FROM base AS name")
        }
        var stage = Stage(base: base, location: statement.location)
        stage.platform = statement.value("platform")
        stage.keyword = statement.writtenKeyword
        stage.comment = statement.comment
        if parts.count == 3 {
            stage.asKeyword = parts[1]
            stage.writtenName = parts[2]
            stage.name = stageName(parts[2])
        }
        stages.append(stage)
    }

    /// In lower case. Names that stand twice, or are reserved, are matters of the checks.
    private mutating func stageName(_ word: Word) -> String? {
        let name = word.raw.lowercased()
        let isName =
            name.first?.isASCII == true && name.first?.isLetter == true
            && name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || "_.-".utf8.contains($0) }
        if !isName {
            report("'\(word.raw.prefix(40))' can't be the name of a stage", at: word.location, hint: "a letter, then letters, digits, _ . -")
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
            return ArgumentDeclaration(name: name.raw, value: value, location: word.location, comment: statement.comment)
        }
        if statement.rest.isEmpty { report("ARG needs a name", at: statement.end) }
        return declarations
    }

    /// `name=value` at the first `=`; no value without one.
    func split(_ word: Word) -> (name: Word, value: Word?) {
        guard let separator = word.raw.firstIndex(of: "=") else { return (word, nil) }
        var location = word.location
        location.column += word.raw.distance(from: word.raw.startIndex, to: separator) + 1
        let value = Word(String(word.raw[word.raw.index(after: separator)...]), at: location)
        return (Word(String(word.raw[..<separator]), at: word.location), value)
    }

    private func isVariableName(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { $0 > 32 && !"=\"'$\\`".utf8.contains($0) }
    }
}
