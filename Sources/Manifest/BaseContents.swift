import IngotModel

/// The users and files that a base image's description adds to its packages.
enum BaseContents {
    static let userKeys = ["name", "id", "group", "home", "shell"]
    static let fileKeys = ["path", "content", "mode", "owner"]

    static func users(_ reader: MappingReader) -> [BaseUser] {
        let users = entries(reader, "users", userKeys).compactMap(user)
        report(users.map(\.name), twiceIn: "users", reader)
        return users
    }

    static func files(_ reader: MappingReader) -> [BaseFile] {
        let files = entries(reader, "files", fileKeys).compactMap(file)
        report(files.map(\.path), twiceIn: "files", reader)
        return files
    }

    private static func entries(_ reader: MappingReader, _ key: String, _ known: [String]) -> [MappingReader] {
        let items = reader.node(key).flatMap { reader.document.items(of: $0, key, limit: Manifest.Limit.listEntries) } ?? []
        return items.compactMap { MappingReader($0, in: reader.document, path: "\(key)[]", known: known) }
    }

    private static func user(_ entry: MappingReader) -> BaseUser? {
        guard let name = entry.required("name", .userName), let id = entry.required("id", .userID) else { return nil }
        var user = BaseUser(name: name, id: id, group: entry.value("group", .userID))
        user.home = entry.value("home", .imagePath) ?? user.home
        user.shell = entry.value("shell", .imagePath) ?? user.shell
        return user
    }

    private static func file(_ entry: MappingReader) -> BaseFile? {
        guard let path = entry.required("path", .imagePath), let content = entry.required("content", .anyText) else { return nil }
        return BaseFile(path: path, content: content, mode: entry.value("mode", .fileMode) ?? 0o644, owner: entry.value("owner", .user))
    }

    private static func report(_ names: [String], twiceIn key: String, _ reader: MappingReader) {
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            reader.document.error(at: reader.location(key), "'\(name)' stands in '\(key)' twice")
        }
    }
}
