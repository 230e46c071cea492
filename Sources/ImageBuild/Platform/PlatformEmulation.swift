import IngotModel
import SystemPackage

/// Whether programs of another platform can be started here.
///
/// Source: Linux, Documentation/admin-guide/binfmt-misc.rst; the names are those that `qemu-user-static` and
/// `tonistiigi/binfmt` register.
enum PlatformEmulation {
    enum Registration: Hashable {
        case missing
        case disabled
        /// The interpreter is looked for in the image, where it is not.
        case withoutFixedBinary
        case ready
    }

    static let folder = FilePath("/proc/sys/fs/binfmt_misc")

    private static let interpreters = [
        "386": "i386", "amd64": "x86_64", "arm": "arm", "arm64": "aarch64", "loong64": "loongarch64", "mips64": "mips64", "mips64le": "mips64el",
        "ppc64le": "ppc64le", "riscv64": "riscv64", "s390x": "s390x",
    ]

    /// The kernel runs its own architecture, and on amd64 the one before it.
    static func isNative(_ platform: Platform, host: Platform = .host) -> Bool {
        platform.architecture == host.architecture || (host.architecture == "amd64" && platform.architecture == "386")
    }

    static func entry(of platform: Platform) -> String { "qemu-\(interpreters[platform.architecture] ?? platform.architecture)" }

    /// - Parameter text: what the kernel says of the entry; `nil` when there is none.
    static func registration(_ text: String?) -> Registration {
        guard let lines = text?.split(separator: "\n"), let first = lines.first else { return .missing }
        guard first == "enabled" else { return .disabled }
        let flags = lines.first { $0.hasPrefix("flags:") }?.dropFirst("flags:".count) ?? ""
        return flags.contains("F") ? .ready : .withoutFixedBinary
    }

    /// - Throws: `BuildError` `platform-not-runnable`, which says what is needed.
    static func check(_ platform: Platform, at location: SourceLocation) throws(BuildError) {
        guard !isNative(platform) else { return }
        try check(registration(of: platform), platform, at: location)
    }

    /// What the kernel knows of a platform now.
    static func registration(of platform: Platform) throws(BuildError) -> Registration {
        try registration(Files.read(folder.appending(entry(of: platform)), limit: 4096).map { String(decoding: $0, as: UTF8.self) })
    }

    static func check(_ registration: Registration, _ platform: Platform, at location: SourceLocation) throws(BuildError) {
        let entry = folder.appending(entry(of: platform))
        let (why, hint) =
            switch registration {
            case .ready: ("", "")
            case .missing: ("\(entry) is not there", "install QEMU user emulation (Debian: qemu-user-static and binfmt-support)")
            case .disabled: ("\(entry) is disabled", "write 1 into it")
            case .withoutFixedBinary: ("\(entry) has no flag F, so it looks for QEMU in the image", "register it again with the flag F")
            }
        guard registration != .ready else { return }
        throw BuildError("platform-not-runnable", at: location, "this machine can't run programs of \(platform): \(why)", hint: hint)
    }
}
