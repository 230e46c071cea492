/// What a RUN starts, its here documents put where they belong.
///
/// Source: BuildKit, `frontend/dockerfile/dockerfile2llb/convert.go`, `dispatchRun`.
struct RunCommand: Hashable, Sendable {
    /// A file that is there for the length of the step.
    struct Script: Hashable, Sendable {
        var name: String
        var content: String
    }

    static let scriptFolder = "/dev/pipes"

    var arguments: [String]
    /// The document that begins with `#!`: it is the program.
    var script: Script?

    /// - Parameter shell: what a command without brackets is given to.
    init(_ run: RunInstruction, shell: [String]) {
        guard case .shell(let line) = run.command else {
            arguments = if case .exec(let arguments) = run.command { arguments } else { [] }
            return
        }
        guard let document = run.documents.first else {
            arguments = shell + [line]
            return
        }
        guard run.documents.count == 1, Self.isNothingButDocument(line) else {
            // The shell reads the documents itself: they follow its line as they stood in the Dockerfile.
            arguments = shell + [run.documents.reduce(line) { "\($0)\n\($1.content)\($1.name)" }]
            return
        }
        guard document.content.hasPrefix("#!") else {
            arguments = shell + [document.content]
            return
        }
        script = Script(name: document.name, content: document.content)
        arguments = shell + ["\(Self.scriptFolder)/\(document.name)"]
    }

    /// `<<NAME` alone, perhaps with a number before it, a `-`, quotes.
    static func isNothingButDocument(_ line: String) -> Bool {
        let text = line.trimmingWhitespace().drop { $0.isASCII && $0.isNumber }
        guard text.hasPrefix("<<") else { return false }
        var name = text.dropFirst(2)
        if name.first == "-" { name = name.dropFirst() }
        guard let first = name.first else { return false }
        if first == "\"" || first == "'" { return name.count > 2 && name.dropFirst().firstIndex(of: first) == name.index(before: name.endIndex) }
        return !name.contains { $0.isWhitespace || "<>|&;()\"'".contains($0) }
    }
}

extension String {
    fileprivate func trimmingWhitespace() -> Substring {
        let start = drop { $0.isWhitespace }
        guard let last = start.lastIndex(where: { !$0.isWhitespace }) else { return "" }
        return start[...last]
    }
}
