/// The packages that an image says are installed in it: those of Debian's `dpkg` and Alpine's `apk`.
public enum InstalledPackages {
    /// A database larger than this is not one.
    static let largest = 64 << 20

    /// Versions by name. A package of two architectures has the second as `name:architecture`.
    public static func read(_ tree: FileTree) throws -> [String: String] {
        var packages: [String: String] = [:]
        for (path, fields) in [("var/lib/dpkg/status", Fields.debian), ("lib/apk/db/installed", .alpine), ("usr/lib/apk/db/installed", .alpine)] {
            add(try text(tree.node(at: TreePath(path))), fields, to: &packages)
        }
        // Images without a package manager keep one file for each package. Source: Google's distroless images.
        guard let folder = try tree.find(TreePath("var/lib/dpkg/status.d")) else { return packages }
        for (name, id) in tree.children(of: folder) where !name.description.hasSuffix(".md5sums") {
            add(try text(tree[id]), .debian, to: &packages)
        }
        return packages
    }

    /// The names of the fields that matter. Source: deb-control(5), dpkg(1); apk's "installed" database.
    private struct Fields {
        var name, version, architecture: String
        var state: String?
        static let debian = Fields(name: "Package", version: "Version", architecture: "Architecture", state: "Status")
        static let alpine = Fields(name: "P", version: "V", architecture: "A")
    }

    private static func text(_ node: FileNode?) throws -> String {
        guard let content = node?.content, content.size <= largest else { return "" }
        return String(decoding: try content.bytes(limit: largest), as: UTF8.self)
    }

    private static func add(_ text: String, _ fields: Fields, to packages: inout [String: String]) {
        var values: [Substring: Substring] = [:]
        // One more empty line ends the last paragraph.
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) + [Substring()] {
            guard !line.isEmpty else {
                add(values, fields, to: &packages)
                values = [:]
                continue
            }
            guard line.first != " ", let colon = line.firstIndex(of: ":") else { continue }
            values[line[..<colon]] = line[line.index(after: colon)...].drop { $0 == " " }
        }
    }

    private static func add(_ values: [Substring: Substring], _ fields: Fields, to packages: inout [String: String]) {
        guard let name = values[Substring(fields.name)], let version = values[Substring(fields.version)] else { return }
        // What was removed and left its configuration is no longer installed.
        if let state = fields.state, let found = values[Substring(state)], !found.hasSuffix(" installed") { return }
        let isSecond = packages[String(name)] != nil
        let key = isSecond ? "\(name):\(values[Substring(fields.architecture)] ?? "")" : String(name)
        packages[key] = String(version)
    }
}
