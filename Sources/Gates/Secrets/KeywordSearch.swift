/// Looks for many words in one pass over bytes, whatever their case: an Aho–Corasick automaton as one table.
///
/// Source: Aho and Corasick, "Efficient string matching", 1975.
struct KeywordSearch: Sendable {
    /// Where the next state's row begins, by row and class of byte. The highest bit says that a word ends there.
    private let table: [UInt32]
    private let classes: [UInt8]
    private let classCount: Int
    /// By state: the words that end there.
    private let words: [[UInt16]]

    private static let endMark: UInt32 = 1 << 31

    /// - Parameter words: together at most 32,000 bytes.
    init(_ words: [String]) {
        let patterns = words.map { $0.lowercased().utf8.map { $0 } }
        var classes = [UInt8](repeating: 0, count: 256)
        var count = 1
        for byte in Set(patterns.joined()).sorted() {
            classes[Int(byte)] = UInt8(count)
            count += 1
        }
        for upper in UInt8(ascii: "A")...UInt8(ascii: "Z") { classes[Int(upper)] = classes[Int(upper + 32)] }
        var trie = Trie(classCount: count)
        for (index, pattern) in patterns.enumerated() { trie.add(pattern.map { Int(classes[Int($0)]) }, UInt16(index)) }
        trie.complete()
        self.classes = classes
        classCount = count
        self.words = trie.ends
        table = trie.next.map { UInt32($0 * count) | (trie.ends[$0].isEmpty ? 0 : Self.endMark) }
    }

    /// Calls with each word found and the offset behind its end, in order.
    func forEachMatch(in bytes: UnsafeBufferPointer<UInt8>, _ body: (_ word: Int, _ end: Int) -> Void) {
        table.withUnsafeBufferPointer { table in
            classes.withUnsafeBufferPointer { classes in
                var row = 0
                for index in 0..<bytes.count {
                    let next = table[row &+ Int(classes[Int(bytes[index])])]
                    row = Int(next & ~Self.endMark)
                    guard next & Self.endMark != 0 else { continue }
                    for word in words[row / classCount] { body(Int(word), index + 1) }
                }
            }
        }
    }

    private struct Trie {
        let classCount: Int
        var next: [Int]
        var ends: [[UInt16]] = [[]]
        private var parents: [(state: Int, symbol: Int)] = [(0, 0)]

        init(classCount: Int) {
            self.classCount = classCount
            next = Array(repeating: -1, count: classCount)
        }

        mutating func add(_ symbols: [Int], _ word: UInt16) {
            var state = 0
            for symbol in symbols {
                let place = state * classCount + symbol
                if next[place] < 0 {
                    next[place] = ends.count
                    parents.append((state, symbol))
                    ends.append([])
                    next += Array(repeating: -1, count: classCount)
                }
                state = next[place]
            }
            ends[state].append(word)
        }

        /// Fills in where to go on when a word breaks off: at the longest beginning of a word that ends here.
        mutating func complete() {
            var fallback = Array(repeating: 0, count: ends.count)
            var order: [Int] = []
            for symbol in 0..<classCount {
                if next[symbol] > 0 { order.append(next[symbol]) } else { next[symbol] = 0 }
            }
            var index = 0
            while index < order.count {
                let state = order[index]
                index += 1
                ends[state] += ends[fallback[state]]
                for symbol in 0..<classCount {
                    let place = state * classCount + symbol
                    let other = next[fallback[state] * classCount + symbol]
                    if next[place] < 0 {
                        next[place] = other
                    } else {
                        fallback[next[place]] = other
                        order.append(next[place])
                    }
                }
            }
        }
    }
}
