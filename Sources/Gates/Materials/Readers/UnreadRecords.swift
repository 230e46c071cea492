/// Records of package managers that nobody here reads: what they installed is not known, and no gate may open on it.
extension MaterialReader {
    static let unread: [MaterialReader] = [
        unread("RPM") { path, name in
            (path.hasPrefix("var/lib/rpm/") || path.hasPrefix("usr/lib/sysimage/rpm/")) && ["Packages", "Packages.db", "rpmdb.sqlite"].contains(name)
        },
        unread("pacman") { path, _ in path == "var/lib/pacman/local/ALPM_DB_VERSION" },
        unread("Portage") { path, name in path.hasPrefix("var/db/pkg/") && name == "PF" },
        unread("opkg") { path, _ in path == "usr/lib/opkg/status" || path == "var/lib/opkg/status" },
        unread("Nix") { path, _ in path == "nix/var/nix/db/db.sqlite" },
        unread("Conda") { path, _ in path.hasSuffix("/conda-meta/history") },
        unread("Composer") { path, _ in path.hasSuffix("/vendor/composer/installed.json") },
    ]

    private static func unread(_ manager: String, claims: @escaping @Sendable (_ path: String, _ name: String) -> Bool) -> MaterialReader {
        MaterialReader(
            name: manager, isDatabase: true, refusal: "packages of \(manager) are not read here: set `scanner: trivy`", claims: claims,
            read: { _, _ in Materials() })
    }
}
