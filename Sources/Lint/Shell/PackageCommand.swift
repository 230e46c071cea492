/// A call of a package manager: `apt-get install -y curl`.
struct PackageCommand: Hashable, Sendable {
    enum Manager: String, Hashable, Sendable {
        case apt, apk, dnf, zypper, pip, npm, gem, cargo, go
    }

    var manager: Manager
    /// `install`, `update`, `add`, `ci`; empty when there is none.
    var verb: String
    var options: [String]
    /// What the verb is about: mostly packages.
    var operands: [String]

    init?(_ command: ShellCommand) {
        var words = command.words[...]
        guard let manager = Self.manager(&words) else { return nil }
        self.manager = manager
        (options, operands) = ([], [])
        var takesValue = false
        for word in words {
            if takesValue || word.hasPrefix("-") {
                options.append(word)
                takesValue = !takesValue && Self.valued[manager, default: []].contains(word)
            } else {
                operands.append(word)
            }
        }
        verb = operands.isEmpty ? "" : operands.removeFirst()
    }

    private static let managers: [String: Manager] = [
        "apt-get": .apt, "apt": .apt, "aptitude": .apt, "apk": .apk, "dnf": .dnf, "yum": .dnf, "microdnf": .dnf, "zypper": .zypper, "pip": .pip,
        "pip3": .pip, "npm": .npm, "yarn": .npm, "pnpm": .npm, "gem": .gem, "cargo": .cargo, "go": .go,
    ]

    /// Takes the program off the words: also `python3 -m pip` and `uv pip`.
    private static func manager(_ words: inout ArraySlice<String>) -> Manager? {
        guard let program = words.first.map({ $0.split(separator: "/").last.map(String.init) ?? $0 }) else { return nil }
        words = words.dropFirst()
        if let manager = managers[program] { return manager }
        if program.hasPrefix("pip3.") { return .pip }
        if program.hasPrefix("python"), words.starts(with: ["-m", "pip"]) {
            words = words.dropFirst(2)
            return .pip
        }
        guard program == "uv", words.first == "pip" else { return nil }
        words = words.dropFirst()
        return .pip
    }

    /// Options whose value is the next word.
    private static let valued: [Manager: Set<String>] = [
        .apt: ["-o", "-t", "--target-release", "-c"], .apk: ["-t", "--virtual", "-X", "--repository", "-p", "--root"],
        .pip: [
            "-r", "--requirement", "-c", "--constraint", "-t", "--target", "-i", "--index-url", "--extra-index-url", "-f", "--find-links",
            "--prefix", "--trusted-host", "--python",
        ],
        .npm: ["--prefix", "--cwd", "--dir", "-C"], .gem: ["-v", "--version", "-i", "--install-dir"],
        .cargo: ["--version", "--git", "--rev", "--tag", "--branch", "--root", "--path", "--features"],
    ]

    /// Whether packages come with it.
    var installs: Bool {
        switch manager {
        case .apt, .dnf, .pip, .gem, .cargo, .go: verb == "install"
        case .apk: verb == "add"
        case .zypper: ["install", "in"].contains(verb)
        case .npm: ["install", "i", "ci", "add"].contains(verb)
        }
    }

    /// Whether it belongs to the distribution.
    var isOfSystem: Bool { [.apt, .apk, .dnf, .zypper].contains(manager) }

    /// The names of packages without versions: `curl` of `curl=7.88` and of `curl:amd64`.
    var packages: [String] { operands.map { String($0.prefix { !"=:@<>~!".contains($0) }) } }

    func has(_ names: String...) -> Bool { options.contains { option in names.contains { option == $0 || option.hasPrefix("\($0)=") } } }
}
