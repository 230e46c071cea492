/// Finds what a person probably meant to write.
public enum NearestWord {
    /// The known word that is fewest single-letter changes away, if that is near enough not to be a guess.
    public static func to(_ word: String, among known: some Sequence<String>) -> String? {
        let allowed = max(1, word.count / 3)
        let nearest = known.map { (word: $0, distance: distance(from: word.lowercased(), to: $0.lowercased())) }
            .min { ($0.distance, $0.word) < ($1.distance, $1.word) }
        guard let nearest, nearest.distance <= allowed else { return nil }
        return nearest.word
    }

    /// What to say after an unknown word: the nearest one, or all of them.
    public static func hint(for word: String, among known: [String]) -> String {
        if let nearest = to(word, among: known) { return "did you mean '\(nearest)'?" }
        return "known here: \(known.joined(separator: ", "))"
    }

    /// How many letters must be put in, taken out, changed or swapped with their neighbour to get from one word to the other.
    ///
    /// Source: optimal string alignment, the restricted form of the Damerau–Levenshtein distance.
    static func distance(from left: String, to right: String) -> Int {
        let left = Array(left.prefix(64))
        let right = Array(right.prefix(64))
        var rows = [Array(0...right.count)]
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                let changed = rows[row][column] + (letter == other ? 0 : 1)
                var best = min(rows[row][column + 1] + 1, next[column] + 1, changed)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    best = min(best, rows[row - 1][column - 1] + 1)
                }
                next.append(best)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
