import IngotModel

/// An instruction cut into keyword, flags and the rest, before its meaning.
struct Statement {
    struct Flag {
        var name: String
        var value: Word?
        var location: SourceLocation
    }

    /// In upper case.
    var keyword: String
    var location: SourceLocation
    var flags: [Flag] = []
    var rest: ArraySlice<LocatedCharacter>
    /// The whole on one line.
    var text: String
    /// Where a mistake of something that is missing is shown: behind the last character.
    var end: SourceLocation

    init?(_ line: LogicalLine, words: WordReader) {
        guard let first = line.characters.first, let last = line.characters.last else { return nil }
        let keywordCharacters = line.characters.prefix { !$0.isBlank }
        keyword = String(keywordCharacters.map(\.value)).uppercased()
        location = words.location(first)
        end = SourceLocation(file: words.file, line: last.line, column: last.column + 1)
        text = keyword + String(line.characters.dropFirst(keywordCharacters.count).map(\.value))
        rest = line.characters.dropFirst(keywordCharacters.count).drop { $0.isBlank }
        takeFlags(words)
    }

    /// Words that begin with `--`; a lone `--` ends them.
    private mutating func takeFlags(_ words: WordReader) {
        while rest.starts(with: "--", by: { $0.value == $1 }) {
            guard let word = words.firstQuotedWord(rest) else { return }
            rest = rest.dropFirst(word.length).drop { $0.isBlank }
            guard word.length > 2 else { return }
            flags.append(Self.flag(word.word))
        }
    }

    private static func flag(_ word: Word) -> Flag {
        let text = word.raw.dropFirst(2)
        let name = text.prefix { $0 != "=" }
        guard name.endIndex < text.endIndex else { return Flag(name: String(name), value: nil, location: word.location) }
        var location = word.location
        location.column += 3 + name.count
        let value = Word(String(text[text.index(after: name.endIndex)...]), at: location)
        return Flag(name: String(name), value: value, location: word.location)
    }

    func value(_ flag: String) -> Word? { flags.first { $0.name == flag }?.value }

    /// Everything behind the flags as one word.
    var restText: String { String(rest.map(\.value)) }
}
