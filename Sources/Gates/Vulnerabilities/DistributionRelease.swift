public import IngotModel

/// A release of a distribution, and until when anyone mends it.
///
/// A release that has ended gets no advisories any more: that none is known says nothing about it.
public struct DistributionRelease: Hashable, Sendable {
    public var distribution: String
    /// As os-release has it, for Alpine without the last number.
    public var version: String
    public var codename: String?
    /// The last day with security fixes for everyone.
    public var end: String

    private init(_ distribution: String, _ version: String, _ codename: String?, _ end: String) {
        self.distribution = distribution
        self.version = version
        self.codename = codename
        self.end = end
    }

    /// Sources: Debian and Ubuntu, package `distro-info-data` 0.58+deb12u7 (`debian.csv`, `eol-lts`; `ubuntu.csv`, `eol`); Alpine,
    /// endoflife.date, `products/alpine-linux.md`, which takes them from alpinelinux.org/releases, and for 3.24 its `releases.json`.
    public static let known: [DistributionRelease] = [
        .init("debian", "8", "jessie", "2020-06-30"), .init("debian", "9", "stretch", "2022-06-30"), .init("debian", "10", "buster", "2024-06-30"),
        .init("debian", "11", "bullseye", "2026-08-31"), .init("debian", "12", "bookworm", "2028-06-30"),
        .init("debian", "13", "trixie", "2030-06-30"),
        .init("ubuntu", "16.04", "xenial", "2021-04-30"), .init("ubuntu", "18.04", "bionic", "2023-05-31"),
        .init("ubuntu", "20.04", "focal", "2025-05-29"), .init("ubuntu", "22.04", "jammy", "2027-06-01"),
        .init("ubuntu", "23.10", "mantic", "2024-07-11"), .init("ubuntu", "24.04", "noble", "2029-05-31"),
        .init("ubuntu", "24.10", "oracular", "2025-07-10"), .init("ubuntu", "25.04", "plucky", "2026-01-15"),
        .init("ubuntu", "25.10", "questing", "2026-07-09"), .init("ubuntu", "26.04", "resolute", "2031-05-29"),
        .init("alpine", "3.10", nil, "2021-05-01"), .init("alpine", "3.11", nil, "2021-11-01"), .init("alpine", "3.12", nil, "2022-05-01"),
        .init("alpine", "3.13", nil, "2022-11-01"), .init("alpine", "3.14", nil, "2023-05-01"), .init("alpine", "3.15", nil, "2023-11-01"),
        .init("alpine", "3.16", nil, "2024-05-23"), .init("alpine", "3.17", nil, "2024-11-22"), .init("alpine", "3.18", nil, "2025-05-09"),
        .init("alpine", "3.19", nil, "2025-11-01"), .init("alpine", "3.20", nil, "2026-04-01"), .init("alpine", "3.21", nil, "2026-11-01"),
        .init("alpine", "3.22", nil, "2027-05-01"), .init("alpine", "3.23", nil, "2027-11-01"),
        .init("alpine", "3.24", nil, "2028-06-01"),
    ]

    /// `nil` for one that is not in the table.
    public init?(_ distribution: Distribution) {
        // `3.23.0_alpha20250612` is what edge calls itself: no release.
        guard let version = distribution.versionID, !version.contains("_") else { return nil }
        let numbers = version.split(separator: ".").prefix(2).joined(separator: ".")
        let wanted = distribution.id == "alpine" ? numbers : version
        guard let release = Self.known.first(where: { $0.distribution == distribution.id && $0.version == wanted }) else { return nil }
        self = release
    }

    public func hasEnded(at now: Timestamp) -> Bool { CalendarDate(text: end).map { $0.isOver(at: now) } ?? true }

    /// The scope of its advisories.
    public var scope: AdvisoryScope? {
        switch distribution {
        case "debian": AdvisoryScope("Debian:\(version)")
        case "ubuntu": AdvisoryScope("Ubuntu:\(version)")
        case "alpine": AdvisoryScope("Alpine:v\(version)")
        default: nil
        }
    }

    static func debianNumber(codename: String) -> String? { known.first { $0.distribution == "debian" && $0.codename == codename }?.version }
}
