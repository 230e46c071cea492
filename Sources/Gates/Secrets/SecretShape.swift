/// The shape of a secret beside the word that announces it. Each looks at a bounded stretch of bytes, so that no input makes it slow.
enum SecretShape: Sendable {
    /// So many characters right behind the word, and no more; nothing of the alphabet before it.
    case token(Alphabet, ClosedRange<Int>)
    /// Like it, with so many characters before the word that belong to it.
    case infix(before: Int, Alphabet, ClosedRange<Int>)
    /// `word = value`, `"word": "value"`, `word value` and the like.
    case assignment(Alphabet, ClosedRange<Int>)
    /// The next word behind blanks.
    case word(ClosedRange<Int>)
    /// What is left of the line, which goes on with a digit.
    case line(ClosedRange<Int>)
    /// The last of so many fields between colons. Source: PostgreSQL, "The Password File".
    case lastField(count: Int)
    /// The rest of an armoured key. Source: RFC 7468.
    case privateKey
    /// `user:password@`. Source: RFC 3986, 3.2.1.
    case urlPassword
    /// Three parts of base64url between points, the first two JSON. Source: RFC 7519.
    case jsonWebToken

    /// Where the secret stands; `nil` when there is none.
    ///
    /// - Parameter word: where the word stands.
    func find(_ bytes: UnsafeBufferPointer<UInt8>, word: Range<Int>) -> Range<Int>? {
        switch self {
        case .token(let alphabet, let length): Self.token(bytes, word, alphabet, length)
        case .infix(let before, let alphabet, let length): Self.infix(bytes, word, before, alphabet, length)
        case .assignment(let alphabet, let length): Self.assignment(bytes, word, alphabet, length)
        case .word(let length): Self.nextWord(bytes, word, length)
        case .line(let length):
            word.upperBound < bytes.count && (48...57).contains(bytes[word.upperBound]) ? Self.line(bytes, word, length) : nil
        case .lastField(let count): Self.lastField(bytes, word, count)
        case .privateKey: Self.privateKey(bytes, word)
        case .urlPassword: Self.urlPassword(bytes, word)
        case .jsonWebToken: Self.jsonWebToken(bytes, word)
        }
    }

    /// The end of a run of the alphabet; at most one more than `limit` bytes are looked at.
    private static func run(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ alphabet: Alphabet, _ limit: Int) -> Int {
        var end = start
        while end < bytes.count, end - start <= limit, alphabet.contains(bytes[end]) { end += 1 }
        return end
    }

    private static func token(
        _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ alphabet: Alphabet, _ length: ClosedRange<Int>
    ) -> Range<Int>? {
        let isInWord = word.lowerBound > 0 && Alphabet.alphanumeric.contains(bytes[word.lowerBound - 1])
        if isInWord, Alphabet.word.contains(bytes[word.lowerBound]) { return nil }
        let end = run(bytes, word.upperBound, alphabet, length.upperBound)
        return length.contains(end - word.upperBound) ? word.lowerBound..<end : nil
    }

    private static func infix(
        _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ before: Int, _ alphabet: Alphabet, _ length: ClosedRange<Int>
    ) -> Range<Int>? {
        let start = word.lowerBound - before
        guard start >= 0, bytes[start..<word.lowerBound].allSatisfy(alphabet.contains) else { return nil }
        if start > 0, alphabet.contains(bytes[start - 1]) { return nil }
        let end = run(bytes, word.upperBound, alphabet, length.upperBound)
        return length.contains(end - word.upperBound) ? start..<end : nil
    }

    private static func assignment(
        _ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ alphabet: Alphabet, _ length: ClosedRange<Int>
    ) -> Range<Int>? {
        // The rest of the name, an end of quotes, then `=`, `:`, `:=` or `=>` with blanks around it, and a quote.
        var position = run(bytes, word.upperBound, .urlBase64, 32)
        func skip(_ set: String, _ limit: Int) -> Int {
            let start = position
            while position < bytes.count, position - start < limit, set.utf8.contains(bytes[position]) { position += 1 }
            return position - start
        }
        _ = skip("\"'\\", 2)
        _ = skip(" \t", 8)
        guard skip("=:>", 2) > 0 else { return nil }
        _ = skip(" \t", 8)
        _ = skip("\"'`\\", 2)
        let end = run(bytes, position, alphabet, length.upperBound)
        guard length.contains(end - position) else { return nil }
        // A call or an access is code, not a value.
        if end < bytes.count, bytes[end] == UInt8(ascii: "(") || bytes[end] == UInt8(ascii: "[") { return nil }
        return position..<end
    }

    private static func nextWord(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ length: ClosedRange<Int>) -> Range<Int>? {
        var start = word.upperBound
        while start < bytes.count, start - word.upperBound < 64, [32, 9].contains(bytes[start]) { start += 1 }
        guard start > word.upperBound else { return nil }
        var end = start
        while end < bytes.count, end - start <= length.upperBound, bytes[end] > 32 { end += 1 }
        return length.contains(end - start) ? start..<end : nil
    }

    private static func line(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ length: ClosedRange<Int>) -> Range<Int>? {
        var end = word.upperBound
        while end < bytes.count, end - word.upperBound <= length.upperBound, bytes[end] != 10, bytes[end] != 13 { end += 1 }
        return length.contains(end - word.upperBound) ? word.upperBound..<end : nil
    }

    private static func lastField(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>, _ count: Int) -> Range<Int>? {
        // The word is a colon: it must be the last but none of its line.
        guard let end = line(bytes, word, 1...200), !bytes[end].contains(UInt8(ascii: ":")) else { return nil }
        var start = word.lowerBound
        var colons = 1
        while start > 0, bytes[start - 1] != 10, word.lowerBound - start < 1024 {
            start -= 1
            if bytes[start] == UInt8(ascii: ":") { colons += 1 }
        }
        return colons == count - 1 && bytes[start] != UInt8(ascii: "#") ? end : nil
    }

    private static func privateKey(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) -> Range<Int>? {
        // `-----BEGIN … PRIVATE KEY-----`, not the END of one.
        var start = word.lowerBound
        while start > 0, word.lowerBound - start < 32, bytes[start - 1] >= 32, bytes[start - 1] < 127 { start -= 1 }
        let begin = Array("-----BEGIN ".utf8)
        guard let place = (start..<word.lowerBound).last(where: { bytes[$0...].starts(with: begin) }) else { return nil }
        // Programs hold the first line only, and texts speak of keys: a key has a line of base64, at least. Headers may come before it; in
        // JSON and in source text its lines are in quotes and end in `\n`.
        let limit = min(bytes.count, word.upperBound + 1024)
        var position = word.upperBound
        while position < limit, bytes[position] != 0, !isMark(bytes, position) {
            let end = run(bytes, position, .base64, 4096)
            if isKeyLine(bytes[position..<end]) { return place..<end }
            // An escape is two characters.
            position = end == position ? position + (bytes[position] == UInt8(ascii: "\\") ? 2 : 1) : end
        }
        return nil
    }

    private static func isMark(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool { bytes[position...].starts(with: "-----".utf8) }

    private static func isKeyLine(_ line: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
        line.count >= 40 && line.contains { (48...57).contains($0) } && line.contains { (65...90).contains($0) }
            && line.contains { (97...122).contains($0) }
    }

    private static func urlPassword(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) -> Range<Int>? {
        let user = run(bytes, word.upperBound, userAlphabet, 128)
        guard user < bytes.count, bytes[user] == UInt8(ascii: ":") else { return nil }
        let end = run(bytes, user + 1, passwordAlphabet, 256)
        guard end < bytes.count, bytes[end] == UInt8(ascii: "@"), end - user > 3, end + 1 < bytes.count,
            Alphabet.alphanumeric.contains(bytes[end + 1])
        else { return nil }
        return (user + 1)..<end
    }

    private static let userAlphabet = Alphabet([48...57, 65...90, 97...122], "-._~%+")
    private static let passwordAlphabet = Alphabet([48...57, 65...90, 97...122], "-._~%!$&*+=^?#")

    private static func jsonWebToken(_ bytes: UnsafeBufferPointer<UInt8>, _ word: Range<Int>) -> Range<Int>? {
        if word.lowerBound > 0, Alphabet.urlBase64.contains(bytes[word.lowerBound - 1]) { return nil }
        var position = word.lowerBound
        for part in 0..<3 {
            let end = run(bytes, position, .urlBase64, 8192)
            guard end - position >= (part == 0 ? 10 : 16), end - position <= 8192 else { return nil }
            if part == 1, !(bytes[position] == UInt8(ascii: "e") && bytes[position + 1] == UInt8(ascii: "y")) { return nil }
            if part == 2 { return word.lowerBound..<end }
            guard end < bytes.count, bytes[end] == UInt8(ascii: ".") else { return nil }
            position = end + 1
        }
        return nil
    }
}
