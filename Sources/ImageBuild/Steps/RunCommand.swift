/// What a RUN starts: arguments, and the file that is the program when a here document begins with `#!`.
struct RunCommand: Hashable, Sendable {
    /// Where that file is for the length of the step, in memory. Source: BuildKit, `dockerfile2llb/convert.go`, `dispatchRun`.
    static let scriptFolder = "/dev/pipes"

    var arguments: [String]
    var script: HereDocument?

    /// - Parameter shell: what text is given to.
    init(_ run: RunInstruction, shell: [String]) {
        switch run.program {
        case .exec(let arguments): self.arguments = arguments
        case .shell(let text): arguments = shell + [text]
        case .script(let document):
            script = document
            arguments = ["\(Self.scriptFolder)/\(document.name)"]
        }
    }
}
