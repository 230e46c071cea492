/// What is looked for in a Dockerfile, beside BuildKit's checks.
///
/// Source of many: hadolint's rules, Docker's "Building best practices"; which are kept, and when they are silent, is our own choice.
enum DockerfileRules {
    static let all: [LintCheck<DockerfileSubject>] =
        [BaseRules.latest, BaseRules.tag]
        + [SystemPackageRules.staleLists, SystemPackageRules.recommends, SystemPackageRules.caches, SystemPackageRules.upgrade]
        + [LanguagePackageRules.caches, LanguagePackageRules.unpinned, LanguagePackageRules.clone]
        + [DownloadRules.addition, DownloadRules.pipe, DownloadRules.unverified, DownloadRules.insecure]
        + [SecretFileRules.copied]
        + [PrivilegeRules.root, PrivilegeRules.sshServer, PrivilegeRules.permissions, PrivilegeRules.buildPrivileges]
        + [StartRules.shell, StartRules.configuration, StartRules.supervisor, StartRules.nothing, StartRules.killSignal]
        + [ContextRules.ignoreFile, ContextRules.copiedTwice, ContextRules.compilers, ContextRules.volume]
        + [EnvironmentRules.variable, EnvironmentRules.file]
}
