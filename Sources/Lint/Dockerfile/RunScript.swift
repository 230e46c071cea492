import ImageBuild
import IngotModel

/// A RUN, cut into commands.
struct RunScript: Sendable {
    let run: RunInstruction
    let location: SourceLocation
    let commands: [ShellCommand]
    let packageCommands: [PackageCommand]

    init(_ run: RunInstruction, at location: SourceLocation) {
        self.run = run
        self.location = location
        commands =
            switch run.command {
            case .exec(let words): ShellCommand.started(by: words)
            case .shell(let line): Self.text(run, line).map { ShellScript($0).commands } ?? []
            }
        packageCommands = commands.compactMap(PackageCommand.init)
    }

    /// What a shell reads. Documents that are another program's input are left out.
    private static func text(_ run: RunInstruction, _ line: String) -> String? {
        switch run.program {
        case .script(let document): document.content.isShellScript ? document.content : nil
        case .shell(let text) where run.documents.count == 1 && !text.hasPrefix(line): text
        case .shell, .exec:
            ShellScript(line).commands.first?.isShell == true ? ([line] + run.documents.map(\.content)).joined(separator: "\n") : line
        }
    }

    /// Whether a cache or a tmpfs covers the path, so that what is written there is in no layer.
    func mounts(over path: String) -> Bool {
        run.mounts.contains { mount in
            guard mount.kind == .cache || mount.kind == .tmpfs, let target = mount.options["target"]?.raw else { return false }
            let folder = target.hasSuffix("/") && target.count > 1 ? String(target.dropLast()) : target
            return path == folder || path.hasPrefix("\(folder)/")
        }
    }

    func finding(_ message: String, fix: String? = nil) -> LintHit { LintHit(message, at: .source(location), fix: fix) }
}

extension ShellCommand {
    /// The commands of an exec form: the one that is named, and what a shell is told to run.
    static func started(by words: [String]) -> [ShellCommand] {
        guard !words.isEmpty else { return [] }
        let command = ShellCommand(words: words)
        return [command] + (command.script.map { ShellScript($0).commands } ?? [])
    }
}

extension String {
    /// By its first line.
    var isShellScript: Bool {
        let first = prefix { !$0.isNewline }
        return first.hasPrefix("#!") && first.split(whereSeparator: { " /".contains($0) }).contains { ShellCommand.shells.contains(String($0)) }
    }
}

extension DockerfileSubject {
    var runs: [RunScript] { runs(of: allInstructions) }
    /// Those whose layers are the image's.
    var imageRuns: [RunScript] { runs(of: imageInstructions) }

    private func runs(of instructions: [Instruction]) -> [RunScript] { instructions.compactMap { scripts[$0.location] } }

    var copies: [(copy: CopyInstruction, location: SourceLocation)] { Self.copies(allInstructions) }
    var imageCopies: [(copy: CopyInstruction, location: SourceLocation)] { Self.copies(imageInstructions) }

    private static func copies(_ instructions: [Instruction]) -> [(copy: CopyInstruction, location: SourceLocation)] {
        instructions.compactMap { if case .copy(let copy) = $0.kind { (copy, $0.location) } else { nil } }
    }
}
