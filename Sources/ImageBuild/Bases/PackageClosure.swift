/// Which packages a distroless image keeps: those that are asked for, and what they need to run.
enum PackageClosure {
    /// Kept in every image: the layout of folders, the name of the release, the users of the system.
    private static let always = ["base-files", "base-passwd"]
    /// Tools for installing and administering, which packages depend on for their maintainer scripts. Essential packages
    /// are that too. They stay only when they are asked for by name.
    private static let tools: Set = [
        "adduser", "apt", "debconf", "dpkg", "gawk", "init-system-helpers", "insserv", "libpam-modules", "libpam-modules-bin", "libpam-runtime",
        "lsb-base", "mawk", "mount", "original-awk", "passwd", "sensible-utils", "sysvinit-utils", "tzdata-legacy", "ucf", "util-linux",
    ]

    /// - Parameter requested: names, each with a version or an architecture behind it, as in a definition.
    static func kept(of packages: [InstalledPackage], requested: [String], keepsShell: Bool) -> [InstalledPackage] {
        let index = index(packages)
        var pending = (requested.map(name) + always + (keepsShell ? ["dash"] : [])).compactMap { index[$0] }
        var kept: [String: InstalledPackage] = [:]
        while let package = pending.popLast() {
            guard kept.updateValue(package, forKey: package.name) == nil else { continue }
            pending += package.dependencies.compactMap { $0.lazy.compactMap { index[$0] }.first }.filter { !isTool($0) }
        }
        return kept.values.sorted { $0.name < $1.name }
    }

    /// By name; by what a package provides where no package has that name.
    private static func index(_ packages: [InstalledPackage]) -> [String: InstalledPackage] {
        var index: [String: InstalledPackage] = [:]
        for package in packages { for name in package.provides where index[name] == nil { index[name] = package } }
        for package in packages { index[package.name] = package }
        return index
    }

    private static func isTool(_ package: InstalledPackage) -> Bool { package.isEssential || tools.contains(package.name) }

    /// Without version, architecture or release: `libc6:amd64=2.36-9` is `libc6`.
    static func name(_ request: String) -> String { String(request.prefix { !"=:/".contains($0) }) }
}
