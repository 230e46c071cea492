/// One command of a shell script, as far as it can be told without running it.
struct ShellCommand: Hashable, Sendable {
    /// The program and its arguments, without quotes; substitutions stand as they are written.
    var words: [String] = []
    /// `NAME=value` before the program.
    var assignments: [String] = []
    /// Where its output or input is redirected to.
    var redirections: [String] = []
    /// Whether the next command reads what it prints.
    var isPiped = false
    /// Whether `exec` starts it: it takes the shell's place, and so gets its signals.
    var replacesShell = false

    /// The program's name without its folder; empty for assignments alone.
    var name: String { words.first.map { String($0.split(separator: "/").last ?? "") } ?? "" }
    var arguments: ArraySlice<String> { words.dropFirst() }

    /// Whether an option is there, with a value or without.
    func has(_ options: String...) -> Bool {
        arguments.contains { word in options.contains { word == $0 || word.hasPrefix("\($0)=") } }
    }

    /// The arguments that are no options.
    var operands: [String] { arguments.filter { !$0.hasPrefix("-") } }

    /// What a shell is told to run by `-c`; `nil` for another command.
    var script: String? {
        guard Self.shells.contains(name), let flag = arguments.firstIndex(where: { Self.isCommandFlag($0) }) else { return nil }
        return words.indices.contains(flag + 1) ? words[flag + 1] : nil
    }

    static let shells: Set<String> = ["sh", "bash", "dash", "ash", "zsh", "ksh"]
    var isShell: Bool { Self.shells.contains(name) }

    /// `-c`, `-lc`, `-ec`
    private static func isCommandFlag(_ word: String) -> Bool {
        word.hasPrefix("-") && !word.hasPrefix("--") && word.hasSuffix("c") && word.dropFirst().allSatisfy(\.isLetter)
    }
}
