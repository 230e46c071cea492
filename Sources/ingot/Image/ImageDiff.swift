import ArgumentParser
import ImageStore
import IngotModel

struct ImageDiff: IngotCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff", abstract: "Say what the second image has, lacks and has otherwise than the first.",
        discussion: """
            Compares files byte by byte, packages, settings and sizes. Times alone are no difference.

            Example:
              ingot image diff guestbook:v1 guestbook:v2
              ingot image diff 6c3c624b58db guestbook --output json
            """)

    @Argument(help: "A digest (or 12 digits of it), a tag or a commit.") var first: String
    @Argument(help: "Likewise.") var second: String
    @OptionGroup var options: GlobalOptions

    func run() async throws {
        let store = try options.store()
        console.show(DifferenceView(value: try store.difference(store.digest(of: first), store.digest(of: second))))
    }
}

struct DifferenceView: View {
    var value: ImageDifference

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["The images have the same files, packages and settings."] }
        let parts = [
            value.files.map { line($0, style) }, Self.table("PACKAGE", value.packages, style), Self.table("SETTING", value.configuration, style),
        ]
        return parts.filter { !$0.isEmpty }.flatMap { $0 + [""] } + [summary]
    }

    private var summary: String {
        let added = value.files.count { $0.changes == [.onlyInSecond] }
        let removed = value.files.count { $0.changes == [.onlyInFirst] }
        let counts = [
            (added, "file added", "files added"), (removed, "file removed", "files removed"),
            (value.files.count - added - removed, "file changed", "files changed"),
            (value.packages.count, "package changed", "packages changed"), (value.configuration.count, "setting changed", "settings changed"),
        ].filter { $0.0 > 0 }.map { "\(Words.count($0.0)) \($0.0 == 1 ? $0.1 : $0.2)" }
        return "\(counts.joined(separator: ", ")); \(value.sizeBefore) → \(value.sizeAfter)"
    }

    private func line(_ file: ImageDifference.File, _ style: TextStyle) -> String {
        let path = Terminal.safe(file.path)
        if file.changes == [.onlyInSecond] { return style.paint("+ \(path)\(Self.size(file.sizeAfter))", .green) }
        if file.changes == [.onlyInFirst] { return style.paint("- \(path)\(Self.size(file.sizeBefore))", .red) }
        return style.paint("~ \(path)", .yellow) + "  " + file.changes.map(Self.words).joined(separator: ", ")
    }

    private static func size(_ bytes: Int?) -> String { bytes.map { $0 > 0 ? "  \(ByteSize($0))" : "" } ?? "" }

    static func words(_ change: FileDifference.Change) -> String {
        switch change {
        case .onlyInFirst: "removed"
        case .onlyInSecond: "added"
        case .kind(let first, let second): "\(Terminal.safe(first)) → \(Terminal.safe(second))"
        case .mode(let first, let second): "mode \(octal(first)) → \(octal(second))"
        case .owner(let first, let second): "owner \(first) → \(second)"
        case .time(let first, let second): "time \(first) → \(second)"
        case .attribute(let name): "attribute \(Terminal.safe(name))"
        case .content(let content): words(content)
        }
    }

    private static func words(_ content: ContentDifference) -> String {
        guard let line = content.line, let first = content.firstLine, let second = content.secondLine else {
            let sizes = content.firstSize == content.secondSize ? "" : ", \(ByteSize(content.firstSize)) → \(ByteSize(content.secondSize))"
            return "content from byte \(Words.count(content.offset))\(sizes)"
        }
        return "line \(line): '\(TerminalText.cut(Terminal.safe(first), to: 60))' → '\(TerminalText.cut(Terminal.safe(second), to: 60))'"
    }

    /// One long value would make the whole table as wide.
    private static func cell(_ text: String?) -> String { text.map { TerminalText.cut(Terminal.safe($0), to: 60) } ?? "–" }

    private static func octal(_ mode: UInt16) -> String {
        let digits = String(mode, radix: 8)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    private static func table(_ title: String, _ values: [ImageDifference.Value], _ style: TextStyle) -> [String] {
        guard !values.isEmpty else { return [] }
        var table = Table([.left(title), .left("BEFORE"), .left("AFTER")])
        for value in values {
            table.add(
                Table.Cell(Terminal.safe(value.name)), Table.Cell(cell(value.before)), Table.Cell(cell(value.after)))
        }
        return table.lines(style)
    }
}
