import IngotModel

// COPY, ADD and VOLUME.
extension DockerfileParser {
    mutating func readCopy(_ statement: Statement, _ keyword: CopyInstruction.Keyword) -> CopyInstruction? {
        guard let list = readList(statement) else { return nil }
        var parts = list.words
        guard parts.count >= 2, let destination = parts.popLast() else {
            report("\(keyword.rawValue) needs at least one source and a destination", at: statement.end)
            return nil
        }
        let documents = list.isJSON ? [] : statement.documents
        guard list.isJSON || takeDocuments(from: &parts, destination: destination, documents, keyword) else { return nil }
        var copy = CopyInstruction(keyword: keyword, sources: parts, documents: documents, destination: destination)
        copy.from = statement.value("from")
        copy.owner = statement.value("chown")
        copy.mode = statement.value("chmod")
        copy.isLink = statement.bool("link") ?? false
        copy.keepsParents = statement.bool("parents") ?? false
        copy.excludes = statement.values("exclude")
        copy.checksum = statement.value("checksum")
        copy.keepsGitFolder = statement.bool("keep-git-dir") ?? false
        copy.unpacks = statement.bool("unpack")
        return copy
    }

    /// Takes the names of documents out of the sources.
    ///
    /// - Returns: `false` after a mistake: a document that is the destination, or whose name is not one of a file.
    private mutating func takeDocuments(
        from sources: inout [Word], destination: Word, _ documents: [HereDocument], _ keyword: CopyInstruction.Keyword
    ) -> Bool {
        if HereDocumentMarker(destination) != nil {
            report("\(keyword.rawValue) can't have a document as its destination", at: destination.location)
            return false
        }
        let count = sources.count
        sources.removeAll { HereDocumentMarker($0) != nil }
        guard count - sources.count == documents.count else {
            report("the name of a document has a blank", at: destination.location, hint: "write <<NAME")
            return false
        }
        for document in documents where document.name.contains("/") || document.name.contains("\0") || [".", ".."].contains(document.name) {
            report("a document named '\(document.name.prefix(40))' can't be a file", at: document.location, hint: "its name becomes the file's name")
            return false
        }
        return true
    }

    /// A JSON list, or words between blanks.
    private mutating func readList(_ statement: Statement) -> (words: [Word], isJSON: Bool)? {
        switch StringArray.read(statement.restText) {
        case .strings(let strings): return (strings.map { Word($0, at: statement.start) }, true)
        case .otherValues:
            reportOtherValues(statement)
            return nil
        case .notJSON: return (words.plainWords(statement.rest), false)
        }
    }

    mutating func reportOtherValues(_ statement: Statement) {
        report("a list in JSON can have nothing but texts here", at: statement.start, hint: "put each value between double quotes")
    }

    mutating func readVolumes(_ statement: Statement) -> [Word]? {
        guard let list = readList(statement) else { return nil }
        guard !list.words.isEmpty, list.words.allSatisfy({ !$0.raw.allSatisfy(\.isWhitespace) }) else {
            report("VOLUME needs a path", at: statement.end)
            return nil
        }
        return list.words
    }
}
