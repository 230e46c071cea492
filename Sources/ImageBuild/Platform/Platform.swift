/// What an image runs on: `linux/amd64`, `linux/arm/v7`.
///
/// Source: OCI Image Specification 1.1, Image Index; the spellings and the normal form are those of `containerd/platforms`.
public struct Platform: Hashable, Sendable, Codable, CustomStringConvertible {
    public var os: String
    public var architecture: String
    /// `nil` where the architecture has one meaning: `v8` of `arm64` and `v1` of `amd64` are not said.
    public var variant: String?

    public init(os: String = "linux", architecture: String, variant: String? = nil) {
        self.os = os
        self.architecture = architecture
        self.variant = variant
    }

    /// This machine's.
    public static var host: Platform {
        #if arch(arm64)
            Platform(architecture: "arm64")
        #else
            Platform(architecture: "amd64")
        #endif
    }

    private static let architectures: Set<String> = [
        "386", "amd64", "arm", "arm64", "loong64", "mips64", "mips64le", "ppc64le", "riscv64", "s390x",
    ]
    private static let aliases: [String: (architecture: String, variant: String?)] = [
        "x86_64": ("amd64", nil), "x86-64": ("amd64", nil), "i386": ("386", nil), "i686": ("386", nil), "aarch64": ("arm64", nil),
        "armhf": ("arm", "v7"), "armel": ("arm", "v6"),
    ]

    /// Reads `os/architecture/variant`, `os/architecture`, or an architecture alone.
    ///
    /// - Throws: `BuildError` `invalid-platform`.
    public init(text: String) throws(BuildError) {
        let parts = text.lowercased().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (1...3).contains(parts.count), !parts.contains("") else { throw .invalidPlatform(text, why: "it has another form") }
        guard parts != ["linux"] else {
            self = .host
            return
        }
        let name = parts.count == 1 ? parts[0] : parts[1]
        let (architecture, ownVariant) = Self.aliases[name] ?? (name, nil)
        guard parts.count == 1 || parts[0] == "linux" else { throw .invalidPlatform(text, why: "images of Ingot run on linux") }
        guard Self.architectures.contains(architecture) else { throw .invalidPlatform(text, why: "there is no architecture '\(name.prefix(20))'") }
        self.init(architecture: architecture, variant: Self.variant(parts.count == 3 ? parts[2] : ownVariant, of: architecture))
    }

    /// In the form that is compared: without the variant that everybody means.
    private static func variant(_ text: String?, of architecture: String) -> String? {
        let text = text.map { $0.hasPrefix("v") ? $0 : "v\($0)" }
        return switch (architecture, text) {
        case ("arm", nil): "v7"
        case ("arm64", "v8"), ("amd64", "v1"): nil
        default: text
        }
    }

    public var description: String { ([os, architecture] + (variant.map { [$0] } ?? [])).joined(separator: "/") }
}

extension BuildError {
    static func invalidPlatform(_ text: String, why: String) -> BuildError {
        BuildError("invalid-platform", "'\(text.prefix(60))' is not a platform: \(why)", remedy: "write linux/amd64 or linux/arm64")
    }
}
