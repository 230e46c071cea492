import IngotModel

/// What is looked for in a finished image: measured, not asked.
enum ImageRules {
    static let all: [LintCheck<ImageSubject>] =
        [SizeRules.large, SizeRules.hidden, SizeRules.rewritten, SizeRules.compilers, SizeRules.packageCaches, SizeRules.languageCaches]
        + [ContentRules.versionControl, ContentRules.sshServer, ContentRules.loginKeys, ContentRules.secrets]
        + [ContentRules.setuid, ContentRules.worldWritable]
        + [OriginRules.oldBase, OriginRules.movedBase, OriginRules.dirty, OriginRules.unknownCommit, OriginRules.untested]
        + [SettingRules.root, SettingRules.volume, SettingRules.environment, SettingRules.killSignal, SettingRules.readiness]
        + [LookRules.incomplete]
}

/// From where on something is worth a word.
enum ImageLimits {
    static let large: ByteSize = .mebibytes(500)
    /// Bytes of a layer that later ones hide.
    static let hidden: ByteSize = .mebibytes(5)
    static let rewritten: ByteSize = .mebibytes(1)
    static let cache: ByteSize = .mebibytes(1)
    /// How old a base may be.
    static let baseAge = Milliseconds.minutes(60 * 24 * 60)
    /// How many names a message has.
    static let names = 5
}
