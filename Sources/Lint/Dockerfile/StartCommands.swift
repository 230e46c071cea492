import ImageBuild
import IngotModel

/// What the image starts, as far as the file and its context tell.
struct StartCommands {
    struct Place {
        var location: SourceLocation
        /// Where the command stands when it is not the instruction itself.
        var script: String?
    }

    /// What ENTRYPOINT and CMD name, each with where it is said; the last of each counts.
    private(set) var commands: [(command: ShellCommand, place: Place)] = []
    private(set) var instructions: [(command: Command, location: SourceLocation)] = []

    init(_ subject: DockerfileSubject) {
        let all = subject.imageInstructions
        let entry = all.last { if case .entrypoint = $0.kind { true } else { false } }
        let command = all.last { if case .command = $0.kind { true } else { false } }
        for instruction in [entry, command].compactMap({ $0 }) {
            switch instruction.kind {
            case .entrypoint(let started), .command(let started): add(started, at: instruction.location, subject)
            default: break
            }
        }
    }

    private mutating func add(_ started: Command, at location: SourceLocation, _ subject: DockerfileSubject) {
        instructions.append((started, location))
        let direct =
            switch started {
            case .exec(let words): ShellCommand.started(by: words)
            case .shell(let line): ShellScript(line).commands
            }
        commands += direct.map { ($0, Place(location: location)) }
        for path in direct.flatMap(Self.scripts) {
            guard let text = subject.script(at: path), text.isShellScript || path.hasSuffix(".sh") else { continue }
            commands += ShellScript(text).commands.map { ($0, Place(location: location, script: path)) }
        }
    }

    /// The files that a command reads as a script, if they are some.
    private static func scripts(_ command: ShellCommand) -> [String] {
        let words = command.isShell ? command.operands.prefix(1) : command.words.prefix(1)
        return words.filter { $0.contains("/") || $0.hasSuffix(".sh") }
    }
}

extension DockerfileSubject {
    /// The text of a file of the image that COPY or a document puts there.
    func script(at path: String) -> String? {
        var folder = "/"
        var found: String?
        for instruction in imageInstructions {
            switch instruction.kind {
            case .workingFolder(let word): folder = Self.joined(folder, word.raw)
            case .copy(let copy) where copy.from == nil:
                found = content(copy, folder: folder).first { $0.path == Self.joined(folder, path) }?.text() ?? found
            default: break
            }
        }
        return found
    }

    private func content(_ copy: CopyInstruction, folder: String) -> [(path: String, text: () -> String?)] {
        let destination = Self.joined(folder, copy.destination.raw)
        let isFolder = copy.destination.raw.hasSuffix("/") || copy.destination.raw == "." || copy.sources.count + copy.documents.count > 1
        func target(_ name: Substring) -> String { isFolder ? Self.joined(destination, String(name)) : destination }
        let documents = copy.documents.map { document in (target(document.name[...]), { document.content as String? }) }
        return documents
            + copy.sources.flatMap { source -> [(String, () -> String?)] in
                let file = source.raw.hasPrefix("./") ? String(source.raw.dropFirst(2)) : source.raw
                let name = file.split(separator: "/").last ?? ""
                // Of a folder the contents are copied: a file below it may be the one.
                return [(target(name), { contextFile(file) })]
            }
    }

    static func joined(_ folder: String, _ path: String) -> String {
        let parts = (path.hasPrefix("/") ? path : "\(folder)/\(path)").split(separator: "/").filter { $0 != "." }
        return "/" + parts.joined(separator: "/")
    }
}
