import ImageBuild

/// What a build takes from the network by its own means.
enum DownloadRules {
    static let addition = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 10, .warning, "ADD of a download without a checksum",
            because: "What lies at an address can be replaced; without a checksum the build takes whatever it gets.",
            fix: "Write `ADD --checksum=sha256:… https://…`; for a repository, a commit behind `#`.")
    ) { subject in
        subject.copies.flatMap { copy, _ in
            copy.sources.filter { copy.keyword == .add && copy.checksum == nil && isMovable($0.raw) }.map {
                LintHit("'\($0)' is taken as it comes", at: .source($0.location))
            }
        }
    }

    /// A download, or a repository at something else than a commit.
    private static func isMovable(_ source: String) -> Bool {
        let isRepository = source.hasPrefix("git@") || source.hasPrefix("git://") || source.contains(".git#") || source.hasSuffix(".git")
        if isRepository { return !(source.split(separator: "#").dropFirst().first.map { isCommit($0.prefix { $0 != ":" }) } ?? false) }
        return isAddress(source)
    }

    private static func isCommit(_ text: Substring) -> Bool { text.count >= 40 && text.allSatisfy(\.isHexDigit) }

    private static func isAddress(_ text: String) -> Bool {
        guard let scheme = ["http://", "https://", "ftp://"].first(where: text.lowercased().hasPrefix) else { return false }
        let host = text.dropFirst(scheme.count).prefix { !"/:".contains($0) }
        return host != "localhost" && host != "127.0.0.1"
    }

    private static func isDownload(_ command: ShellCommand) -> Bool {
        ["curl", "wget", "aria2c"].contains(command.name) && command.arguments.contains(where: isAddress)
    }

    static let pipe = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 11, .warning, "A download is run as a script",
            because: "Whoever answers at that address that day runs what they like in the image, and nothing says afterwards what it was.",
            fix: "Download it to a file, compare its checksum, then run it; or install from a package.")
    ) { subject in
        subject.runs.filter { run in runsDownload(run.commands) }.map { $0.finding("what is downloaded is run without being looked at") }
    }

    private static let interpreters: Set<String> = ["python", "python3", "perl", "ruby", "node"]

    private static func runsDownload(_ commands: [ShellCommand]) -> Bool {
        var carries = false
        for command in commands {
            if carries, command.isShell || (interpreters.contains(command.name) && command.operands.allSatisfy { $0 == "-" }) { return true }
            carries = (carries || isDownload(command)) && command.isPiped
            guard command.isShell || command.name == "eval" || command.name == "source" || command.name == "." else { continue }
            if command.arguments.contains(where: { isSubstitution($0) }) { return true }
        }
        return false
    }

    private static func isSubstitution(_ word: String) -> Bool {
        ["$(curl", "$(wget", "<(curl", "<(wget"].contains(where: word.contains) && word.contains("://")
    }

    static let unverified = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 12, .warning, "A download that nothing verifies",
            because: "What lies at an address can be replaced, and TLS only says who sent it.",
            fix: "Write `ADD --checksum=sha256:…`, or compare a checksum or a signature in the same RUN: `echo \"<sum>  file\" | sha256sum -c`.")
    ) { subject in
        subject.runs.compactMap { run in
            guard let download = run.commands.first(where: isDownload), !runsDownload(run.commands), !run.commands.contains(where: verifies)
            else { return nil }
            let address = download.arguments.first(where: isAddress) ?? ""
            return run.finding("'\(address.prefix(120))' is taken as it comes")
        }
    }

    private static let verifiers: Set<String> = [
        "sha256sum", "sha384sum", "sha512sum", "shasum", "b2sum", "gpg", "gpgv", "cosign", "minisign", "signify", "slsa-verifier", "apt-key",
    ]

    private static func verifies(_ command: ShellCommand) -> Bool {
        verifiers.contains(command.name) || (command.name == "openssl" && command.arguments.first == "dgst")
            // A key of a repository of packages, which verifies them from then on.
            || command.redirections.contains { $0.contains("keyrings/") } || command.arguments.contains { $0.contains("keyrings/") }
    }

    static let insecure = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 13, .error, "Verifying is switched off",
            because: "Without certificates or signatures, anybody on the way decides what gets into the image.",
            fix: "Install the missing certificate (`ca-certificates`) or key instead of not looking at it.")
    ) { subject in
        subject.runs.flatMap { run in
            run.commands.compactMap { command in unverified(command).map { run.finding("\(command.name) is told not to verify: `\($0)`") } }
        }
    }

    private static func unverified(_ command: ShellCommand) -> String? {
        func first(_ options: String...) -> String? {
            command.arguments.first { word in options.contains { word == $0 || word.hasPrefix("\($0)=") } }
        }
        switch command.name {
        case "curl":
            return first("-k", "--insecure", "--proxy-insecure") ?? command.arguments.first { isShortFlags($0) && $0.contains("k") }
        case "wget": return first("--no-check-certificate")
        case "apt-get", "apt":
            return first("--allow-unauthenticated", "--force-yes", "--allow-insecure-repositories")
        case "apk": return first("--allow-untrusted")
        case "yum", "dnf", "microdnf": return first("--nogpgcheck")
        case "pip", "pip3": return first("--trusted-host")
        case "git": return command.arguments.first { $0.lowercased().replacing(" ", with: "") == "http.sslverify=false" }
        case "npm", "yarn":
            return command.words.contains("strict-ssl") && command.words.contains("false") ? "strict-ssl false" : first("--strict-ssl=false")
        default: return command.assignments.first { $0 == "NODE_TLS_REJECT_UNAUTHORIZED=0" || $0 == "GIT_SSL_NO_VERIFY=1" }
        }
    }

    /// `-fsSLk`. A value may stand behind `-o` and its like, so only flags without one count.
    private static func isShortFlags(_ word: String) -> Bool {
        word.hasPrefix("-") && !word.hasPrefix("--") && word.count > 1 && word.dropFirst().allSatisfy { "fsSLkgOiIv".contains($0) }
    }
}
