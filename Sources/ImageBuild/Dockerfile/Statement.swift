import IngotModel

/// An instruction cut into keyword, flags and the rest, before its meaning.
struct Statement {
    struct Flag {
        var name: String
        /// Its quotes and escapes are taken away; `nil` without `=`.
        var value: Word?
        var location: SourceLocation
    }

    /// In upper case.
    var keyword: String
    var writtenKeyword: String
    var location: SourceLocation
    var flags: [Flag] = []
    var rest: ArraySlice<LocatedCharacter>
    /// The whole on one line.
    var text: String
    /// Where a mistake of something that is missing is shown: behind the last character.
    var end: SourceLocation
    var documents: [HereDocument] = []
    /// The comment on the line before.
    var comment: String?
    private let words: WordReader

    init?(_ line: LogicalLine, words: WordReader) {
        self.init(line.characters[...], words: words)
        comment = line.comment
    }

    init?(_ characters: ArraySlice<LocatedCharacter>, words: WordReader) {
        guard let first = characters.first, let last = characters.last else { return nil }
        self.words = words
        let keywordCharacters = characters.prefix { !$0.isBlank }
        writtenKeyword = String(keywordCharacters.map(\.value))
        keyword = writtenKeyword.uppercased()
        location = words.location(first)
        end = SourceLocation(file: words.file, line: last.line, column: last.column + 1)
        text = keyword + String(characters.dropFirst(keywordCharacters.count).map(\.value))
        rest = characters.dropFirst(keywordCharacters.count).drop { $0.isBlank }
        takeFlags()
    }

    /// Words that begin with `--`; a lone `--` ends them.
    private mutating func takeFlags() {
        while rest.starts(with: "--", by: { $0.value == $1 }) {
            guard let word = words.firstQuotedWord(rest) else { return }
            rest = rest.dropFirst(word.length).drop { $0.isBlank }
            guard word.length > 2 else { return }
            flags.append(Self.flag(word.word))
        }
    }

    private static func flag(_ word: Word) -> Flag {
        let text = unquoted(word.raw).dropFirst(2)
        let name = text.prefix { $0 != "=" }
        guard name.endIndex < text.endIndex else { return Flag(name: String(name), value: nil, location: word.location) }
        var location = word.location
        location.column += 3 + name.count
        let value = Word(String(text[text.index(after: name.endIndex)...]), at: location)
        return Flag(name: String(name), value: value, location: word.location)
    }

    /// Quotes and backslashes of a flag go before its meaning, whatever the escape character is: so BuildKit has it.
    private static func unquoted(_ raw: String) -> String {
        var result = ""
        var quote: Character?
        var isEscaped = false
        for character in raw {
            if isEscaped {
                result.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == quote {
                quote = nil
            } else if quote == nil, character == "\"" || character == "'" {
                quote = character
            } else {
                result.append(character)
            }
        }
        return result
    }

    func value(_ flag: String) -> Word? { flags.first { $0.name == flag }?.value }

    func values(_ flag: String) -> [Word] { flags.filter { $0.name == flag }.compactMap(\.value) }

    /// `--flag`, `--flag=true` or `--flag=false`; `nil` when it is not there.
    func bool(_ flag: String) -> Bool? {
        guard let flag = flags.first(where: { $0.name == flag }) else { return nil }
        return flag.value.map { $0.raw.lowercased() == "true" } ?? true
    }

    /// Everything behind the flags as one word.
    var restText: String { String(rest.map(\.value)) }

    /// Where what stands behind the flags begins.
    var start: SourceLocation { rest.first.map(words.location) ?? end }

    /// What stands behind ONBUILD, as an instruction of its own.
    var inner: Statement? { keyword == "ONBUILD" && flags.isEmpty ? Statement(rest, words: words) : nil }

    /// The documents that follow the instruction, in the order of their names in it. Lists in JSON have none.
    var markers: [HereDocumentMarker] {
        if let inner { return inner.markers }
        guard ["RUN", "COPY", "ADD"].contains(keyword), rest.contains(where: { $0.value == "<" }), StringArray.parse(restText) == nil else {
            return []
        }
        return WordReader(file: words.file, escape: "\\").quotedWords(rest).compactMap(HereDocumentMarker.init)
    }
}
