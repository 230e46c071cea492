import IngotModel

/// Cuts the characters of an instruction into words.
struct WordReader {
    let file: String
    let escape: Character

    func word(_ characters: some Collection<LocatedCharacter>, otherwise location: SourceLocation) -> Word {
        Word(String(characters.map(\.value)), at: characters.first.map(self.location) ?? location)
    }

    func location(_ character: LocatedCharacter) -> SourceLocation {
        SourceLocation(file: file, line: character.line, column: character.column)
    }

    /// Words between blanks; quotes have no meaning.
    func plainWords(_ characters: ArraySlice<LocatedCharacter>) -> [Word] {
        characters.split { $0.isBlank }.compactMap { part in
            part.first.map { Word(String(part.map(\.value)), at: location($0)) }
        }
    }

    /// Words between blanks, where quotes and the escape character hold blanks together. Both stay in the word.
    func quotedWords(_ characters: ArraySlice<LocatedCharacter>) -> [Word] {
        var words: [Word] = []
        var rest = characters.drop { $0.isBlank }
        while let (word, length) = firstQuotedWord(rest) {
            words.append(word)
            rest = rest.dropFirst(length).drop { $0.isBlank }
        }
        return words
    }

    /// The word at the start, and how many characters it has; `nil` at the end.
    func firstQuotedWord(_ characters: ArraySlice<LocatedCharacter>) -> (word: Word, length: Int)? {
        guard let first = characters.first else { return nil }
        let length = quotedWordLength(characters)
        return (word(characters.prefix(length), otherwise: location(first)), length)
    }

    /// How many characters the word at the start has.
    private func quotedWordLength(_ characters: ArraySlice<LocatedCharacter>) -> Int {
        var quote: Character?
        var isEscaped = false
        for (length, character) in characters.enumerated() {
            let value = character.value
            if isEscaped {
                isEscaped = false
            } else if value == escape, quote != "'" {
                isEscaped = true
            } else if let open = quote {
                if value == open { quote = nil }
            } else if value == "\"" || value == "'" {
                quote = value
            } else if character.isBlank {
                return length
            }
        }
        return characters.count
    }
}
