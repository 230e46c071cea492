import ImageBuild

/// Secrets that are copied as files. Names in ARG and ENV are BuildKit's check; contents are the image's scan.
enum SecretFileRules {
    static let copied = LintCheck<DockerfileSubject>(
        LintRule(
            .dockerfile, 14, .error, "A file that holds secrets is copied",
            because: "What was in a layer once can be read from the image by everybody who can pull it, also when a later layer deletes it.",
            fix: "Mount it where a step needs it (`RUN --mount=type=secret,id=…`), name it under `run.secrets` where the service does, and leave it "
                + "out by `.dockerignore`.")
    ) { subject in
        subject.copies.filter { $0.copy.from == nil }.flatMap { copy, _ in
            copy.sources.filter { isSecret($0.raw) }.map { LintHit("'\($0)' usually holds secrets", at: .source($0.location)) }
        }
    }

    private static let names: Set<String> = [
        ".env", ".netrc", ".npmrc", ".pypirc", ".git-credentials", ".htpasswd", ".pgpass", ".my.cnf", ".dockercfg", ".vault-token",
        "credentials.json",
        "id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "service-account.json", "kubeconfig", "terraform.tfstate",
    ]
    private static let endings = [".pfx", ".p12", ".jks", ".keystore", ".kdbx", ".tfstate"]
    private static let folders: Set<String> = [".ssh", ".aws", ".gnupg", ".kube", ".docker", ".azure"]

    private static func isSecret(_ source: String) -> Bool {
        let parts = source.split(separator: "/").map { $0.lowercased() }
        guard let name = parts.last, !source.contains("://") else { return false }
        return names.contains(name) || endings.contains(where: name.hasSuffix) || !folders.isDisjoint(with: parts)
    }
}
