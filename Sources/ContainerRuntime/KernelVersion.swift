import Glibc

/// The first two numbers of a kernel's release, as `uname -r` shows it: `6.1.0-18-amd64` is 6.1.
public struct KernelVersion: Hashable, Comparable, Sendable {
    public var major: Int
    public var minor: Int

    public init(major: Int, minor: Int) {
        self.major = major
        self.minor = minor
    }

    public init?(text: String) {
        let numbers = text.split(separator: ".", maxSplits: 2).map { $0.prefix { $0.isASCII && $0.isNumber } }
        guard numbers.count >= 2, let major = Int(numbers[0]), let minor = Int(numbers[1]) else { return nil }
        self.init(major: major, minor: minor)
    }

    /// This machine's; 0.0, for which no rule of a newer kernel holds, if it has an unknown form.
    public static let running: KernelVersion = {
        let text = try? SmallFile.text(at: "/proc/sys/kernel/osrelease", limit: 256)
        return text.flatMap(KernelVersion.init(text:)) ?? KernelVersion(major: 0, minor: 0)
    }()

    public static func < (left: Self, right: Self) -> Bool { (left.major, left.minor) < (right.major, right.minor) }
}
