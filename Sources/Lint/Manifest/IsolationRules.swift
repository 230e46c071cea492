import IngotModel

/// What an instance may do beside answering requests.
enum IsolationRules {
    static let root = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 12, .warning, "Root is allowed",
            because: "Whoever takes over a service that is root has every file of the instance and every hole of the kernel to try.",
            fix: "Set USER in the Dockerfile, and take `root: allowed` out.")
    ) { subject in subject.specification.run.allowsRoot ? [subject.hit("the image's user may be root", at: "run.root")] : [] }

    static let capabilities = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 13, .error, "A capability that is as good as root",
            because: "With it a process can leave its instance, read other processes, or change the machine.",
            fix: "Take it out. A service that listens below port 1024 needs `CAP_NET_BIND_SERVICE` at most.")
    ) { subject in
        let dangerous: Set<String> = [
            "CAP_SYS_ADMIN", "CAP_SYS_PTRACE", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_DAC_READ_SEARCH", "CAP_NET_ADMIN", "CAP_SYS_BOOT", "CAP_BPF",
            "CAP_MKNOD", "CAP_SYS_TIME", "CAP_PERFMON", "CAP_MAC_ADMIN",
        ]
        return subject.specification.run.capabilities.enumerated().filter { dangerous.contains($0.element) }.map {
            subject.hit("instances keep \($0.element)", at: "run.capabilities[\($0.offset)]")
        }
    }

    static let state = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 14, .warning, "State on the local disk",
            because: "Writable paths are empty memory at each start: what is written there is gone with the instance, and each instance has its own.",
            fix: "Keep state in a database, a queue or an object store, and only scratch files in `run.writable`.")
    ) { subject in
        subject.specification.run.writable.enumerated().filter { PersistentPaths.isLikely($0.element) }.map {
            subject.hit("'\($0.element)' is a place where state is usually kept", at: "run.writable[\($0.offset)]")
        }
    }

    static let egress = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 15, .note, "Instances may reach every address",
            because: "An intruder can send what he finds anywhere, and what a service depends on stands nowhere.",
            fix: "List what it needs under `run.egress`, such as `[10.0.0.5:5432]`, or write `none`.")
    ) { subject in
        subject.specification.run.egress == .internet ? [subject.hit("instances may open connections to anywhere", at: "run.egress")] : []
    }

    static let secrets = LintCheck<ManifestSubject>(
        LintRule(
            .manifest, 16, .error, "A secret among the configuration",
            because: "Configuration stands in ingot.yaml, in Git, in each release and in the environment of every process.",
            fix: "Name it under `run.secrets`; the service reads it from `/run/secrets`.")
    ) { subject in
        subject.specification.run.configurationKeys.enumerated().filter { SecretNames.isLikely($0.element) }.map {
            subject.hit("'\($0.element)' sounds like a secret", at: "run.configuration[\($0.offset)]")
        }
    }
}

/// Where services keep what should last.
enum PersistentPaths {
    private static let folders = [
        "/var/lib", "/data", "/srv", "/home", "/db", "/database", "/storage", "/uploads", "/var/spool", "/var/mail", "/var/www",
    ]

    static func isLikely(_ path: String) -> Bool { folders.contains { path == $0 || path.hasPrefix("\($0)/") } }
}

/// Names that say that the value is a secret: by the last word, so that `TOKEN_ISSUER` and `AUTH_URL` are none.
enum SecretNames {
    private static let words: Set<String> = ["password", "passwd", "passphrase", "secret", "token", "credential", "credentials", "apikey"]
    private static let keys: Set<String> = ["api", "private", "secret", "access", "signing", "encryption"]

    static func isLikely(_ name: String) -> Bool {
        let parts = name.lowercased().split(separator: "_").map(String.init)
        guard let last = parts.last else { return false }
        return words.contains(last) || (last == "key" && parts.dropLast().last.map(keys.contains) ?? false)
    }
}
