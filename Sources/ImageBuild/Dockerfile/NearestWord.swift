/// The word of a list that a misspelled one most likely meant.
enum NearestWord {
    /// `nil` when none is near: more than a third of the letters would have to change.
    static func of(_ word: String, in words: [String]) -> String? {
        let ranked = words.map { (word: $0, distance: distance(Array(word.utf8), Array($0.utf8))) }
        guard let best = ranked.min(by: { $0.distance < $1.distance }), best.distance <= max(1, best.word.utf8.count / 3) else { return nil }
        return best.word
    }

    /// How many letters have to be put in, taken out, changed, or traded with their neighbour.
    ///
    /// Source: optimal string alignment, a form of the Damerau-Levenshtein distance.
    private static func distance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        guard left.count <= 64 else { return .max }
        var before: [Int] = []
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var next = [index + 1]
            for column in right.indices {
                let change = row[column] + (letter == right[column] ? 0 : 1)
                var least = min(change, row[column + 1] + 1, next[column] + 1)
                if index > 0, column > 0, letter == right[column - 1], left[index - 1] == right[column] {
                    least = min(least, before[column - 1] + 1)
                }
                next.append(least)
            }
            before = row
            row = next
        }
        return row[right.count]
    }
}
