/// A pattern of `${name#pattern}`: `*` is any characters, `?` is one, a backslash takes the meaning away from both.
///
/// Source: POSIX, Shell Command Language, 2.13, without brackets: so BuildKit has it. A line feed fits neither.
struct ShellPattern {
    typealias Failure = VariableExpansion.Failure

    private enum Token: Hashable {
        case one
        case many
        case literal(Unicode.Scalar)
    }

    private var tokens: [Token] = []
    private let mostSteps: Int

    /// - Parameter mostSteps: how many comparisons one use may take: a hostile pattern over a long value must not keep a processor busy.
    init(_ text: Substring.UnicodeScalarView, mostSteps: Int) throws(Failure) {
        self.mostSteps = mostSteps
        var rest = text
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": if tokens.last != .many { tokens.append(.many) }
            case "?": tokens.append(.one)
            case "\\": tokens.append(.literal(try Self.escaped(&rest)))
            default: tokens.append(.literal(scalar))
            }
        }
    }

    private static func escaped(_ rest: inout Substring.UnicodeScalarView) throws(Failure) -> Unicode.Scalar {
        guard let next = rest.popFirst(), "}/*?\\".unicodeScalars.contains(next) else {
            throw Failure(message: "a pattern may have a backslash only before } / * ? and itself")
        }
        return next
    }

    func trim(_ value: String, fromEnd: Bool, longest: Bool) throws(Failure) -> String {
        let text = fromEnd ? Array(value.unicodeScalars.reversed()) : Array(value.unicodeScalars)
        var matcher = Matcher(fromEnd ? tokens.reversed() : tokens, text, mostSteps: mostSteps)
        guard let length = try matcher.match(at: 0, longest: longest) else { return value }
        let left = text[length...]
        return String(String.UnicodeScalarView(fromEnd ? Array(left.reversed()) : Array(left)))
    }

    /// The first place that fits, or all of them, each as long as it can be. As Go's regular expressions have it, nothing is put
    /// at an empty place right behind another.
    func replace(in value: String, with replacement: String, all: Bool) throws(Failure) -> String {
        var matcher = Matcher(tokens, Array(value.unicodeScalars), mostSteps: mostSteps)
        var result = String.UnicodeScalarView()
        var copied = 0
        var place = 0
        while place <= matcher.text.count {
            guard let length = try matcher.match(at: place, longest: true) else {
                place += 1
                continue
            }
            result.append(contentsOf: matcher.text[copied..<place])
            if place + length > copied || place == 0 { result.append(contentsOf: replacement.unicodeScalars) }
            guard String(result).utf8.count <= VariableExpansion.largestLength else {
                throw Failure(message: "the text is too long after a replacement")
            }
            copied = place + length
            place = max(place + 1, copied)
            if !all { break }
        }
        result.append(contentsOf: matcher.text[copied...])
        return String(result)
    }

    private struct Matcher {
        let tokens: [Token]
        let text: [Unicode.Scalar]
        /// When the pattern has neither `*` nor `?`.
        private let literal: [Unicode.Scalar]?
        private var stepsLeft: Int

        init(_ tokens: [Token], _ text: [Unicode.Scalar], mostSteps: Int) {
            self.tokens = tokens
            self.text = text
            let scalars = tokens.compactMap { if case .literal(let scalar) = $0 { scalar } else { nil } }
            literal = scalars.count == tokens.count ? scalars : nil
            stepsLeft = mostSteps
        }

        private mutating func take(_ steps: Int) throws(Failure) {
            stepsLeft -= steps
            guard stepsLeft >= 0 else { throw Failure(message: "a pattern is too costly for a value of this length") }
        }

        /// How many characters fit from a place on; `nil` when none do.
        mutating func match(at start: Int, longest: Bool) throws(Failure) -> Int? {
            if let literal {
                try take(1)
                return text[start...].starts(with: literal) ? literal.count : nil
            }
            var states = closed([0])
            var best = states.contains(tokens.count) ? 0 : nil
            var place = start
            while place < text.count, !states.isEmpty, longest || best == nil {
                try take(states.count)
                states = closed(next(states, text[place]))
                place += 1
                if states.contains(tokens.count) { best = place - start }
            }
            return best
        }

        private func next(_ states: [Int], _ scalar: Unicode.Scalar) -> [Int] {
            states.compactMap { state in
                guard state < tokens.count else { return nil }
                return switch tokens[state] {
                case .many: scalar == "\n" ? nil : state
                case .one: scalar == "\n" ? nil : state + 1
                case .literal(let literal): literal == scalar ? state + 1 : nil
                }
            }
        }

        /// With the states that are reached by a `*` that fits nothing; in rising order, each once.
        private func closed(_ states: [Int]) -> [Int] {
            var result: [Int] = []
            for state in states {
                var state = state
                while result.last.map({ $0 < state }) ?? true {
                    result.append(state)
                    guard state < tokens.count, tokens[state] == .many else { break }
                    state += 1
                }
            }
            return result
        }
    }
}
