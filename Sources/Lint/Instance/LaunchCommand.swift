/// A command line that an instance was seen to run, as far as it was kept: its first words.
struct LaunchCommand: Hashable, Sendable {
    /// The program without its folder, or the script or module that an interpreter runs.
    private let program: String
    private let arguments: ArraySlice<String>
    private var isInterpreted = false

    init(_ text: String) {
        var words = text.split(separator: " ").map(String.init)[...]
        if words.count > 1, let first = words.first, Self.isInterpreter(Self.name(first)) {
            words = words.dropFirst()
            if words.first == "-m" { words = words.dropFirst() }
            isInterpreted = true
        }
        program = words.first.map(Self.name) ?? ""
        arguments = words.dropFirst()
    }

    /// Whether it brings something into the instance that is not in its image. What only starts, asks or looks does not.
    var changesInstance: Bool {
        if Self.configurators.contains(program) { return true }
        if Self.downloaders.contains(program) { return !arguments.contains(where: Self.isOfThisInstance) }
        guard let verbs = Self.verbs[program] else { return false }
        guard let verb = arguments.first(where: { !$0.hasPrefix("-") }) else { return changesWithoutVerb }
        return verbs.contains(verb)
    }

    /// Where no verb was kept: some need none, of a script's command line older records have no more than its name, and behind an option it may
    /// stand further on.
    private var changesWithoutVerb: Bool {
        if program == "git" { return false }
        guard let option = arguments.first else { return isInterpreted || ["yarn", "bundle"].contains(program) }
        return !["--version", "--help", "-v", "-V", "-h"].contains(option)
    }

    private static func name(_ word: String) -> String { String(word.split(separator: "/").last ?? "") }

    private static func isInterpreter(_ name: String) -> Bool { interpreters.contains(name) || name.hasPrefix("python3.") }

    /// Whether an argument is an address of the instance's own: a check of its health, mostly.
    private static func isOfThisInstance(_ argument: String) -> Bool {
        var rest = argument[...]
        for scheme in ["http://", "https://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
        let authority = rest.prefix { !"/?#".contains($0) }
        let place = authority.split(separator: "@", omittingEmptySubsequences: false).last ?? ""
        if place.hasPrefix("[::1]") { return true }
        let host = place.prefix { $0 != ":" }
        let isLoopback = host.hasPrefix("127.") && host.allSatisfy { $0 == "." || ("0"..."9").contains($0) }
        return host == "localhost" || isLoopback
    }

    private static let interpreters: Set<String> = ["python", "python3", "node", "ruby", "perl", "sh", "bash", "dash"]
    private static let downloaders: Set<String> = ["curl", "wget"]
    /// Whatever they are told.
    private static let configurators: Set<String> = [
        "dpkg", "rpm", "ansible-playbook", "ansible-pull", "chef-client", "puppet", "salt-call", "cloud-init",
    ]
    private static let packageVerbs: Set<String> = [
        "install", "i", "ci", "add", "in", "update", "up", "upgrade", "dist-upgrade", "full-upgrade", "require", "download", "fetch",
    ]
    private static let managers = [
        "apt", "apt-get", "aptitude", "apk", "dnf", "yum", "microdnf", "pip", "pip3", "npm", "yarn", "pnpm", "gem", "bundle", "composer", "cargo",
    ]
    private static let verbs: [String: Set<String>] =
        Dictionary(uniqueKeysWithValues: managers.map { ($0, packageVerbs) }).merging(["git": ["clone", "pull", "fetch"]]) { _, own in own }
}
