internal import ImageStore

extension LayerMaterials {
    /// Takes up one name of a layer; reads the file when a reader knows it. A file that can't be read is a problem, not an error.
    mutating func add(_ entry: LayerEntry) {
        switch entry.kind {
        case .folder(let isOpaque): if isOpaque { cover.addOpaqueFolder(entry.path) }
        case .regular:
            cover.addName(entry.path)
            read(entry)
        default:
            cover.addName(entry.path)
            noteMissing(entry)
        }
    }

    /// Of the files that packages own, those count in which a reader found something in this very layer: a package manager writes its list
    /// together with the files, and what another layer puts in their place is not the package's any more.
    mutating func finish() {
        let places = Set(files.filter { !$0.materials.packages.isEmpty }.map { OwnedPath.hash(Array($0.path.utf8)) })
        for index in files.indices { files[index].materials.ownedFiles.removeAll { !places.contains($0) } }
        files.removeAll { $0.materials.isEmpty }
    }

    private mutating func read(_ entry: LayerEntry) {
        if let reader = MaterialReader.reader(for: entry.path, name: entry.name.bytes) {
            keep(content(of: entry, by: reader), entry)
        } else if entry.size > 64 {
            // A program need not be executable here: it may be loaded, or be made executable when it starts.
            keep(program(entry), entry)
        }
    }

    private mutating func keep(_ materials: Materials, _ entry: LayerEntry) {
        if !materials.isEmpty { files.append(File(path: String(decoding: entry.path, as: UTF8.self), materials: materials)) }
    }

    private func content(of entry: LayerEntry, by reader: MaterialReader) -> Materials {
        if let refusal = reader.refusal { return .problem(refusal) }
        guard entry.size <= reader.largest else {
            return .problem("it has \(entry.size) bytes; at most \(reader.largest) are read of a file of \(reader.name)")
        }
        do {
            let bytes = try entry.open().bytes(0..<entry.size)
            return reader.read(bytes, String(decoding: entry.path, as: UTF8.self))
        } catch { return .problem("it can't be read: \(error)") }
    }

    private func program(_ entry: LayerEntry) -> Materials {
        do {
            let content = try entry.open()
            return try ProgramReader.read(size: entry.size) { try content.bytes($0) }
        } catch { return .problem("it can't be read: \(error)") }
    }

    /// A link where the record of what is installed should be: it is not followed, so nothing is known.
    private mutating func noteMissing(_ entry: LayerEntry) {
        guard entry.kind != .whiteout else { return }
        if MaterialReader.databaseFolders.contains(entry.path) {
            return keep(.problem("it is a link or a device, not a folder: what it leads to is not read"), entry)
        }
        guard let reader = MaterialReader.reader(for: entry.path, name: entry.name.bytes), reader.isDatabase else { return }
        keep(.problem("it is a link or a device, not a file of \(reader.name)"), entry)
    }
}
