import ImageStore
import IngotModel

/// What each instruction added to an image, and what it wasted: bytes that are in the image and that nobody sees.
struct LayersView: View {
    var value: [LayerReport]

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isEmpty else { return ["The image has no layers."] }
        var table = Table([.left("LAYER"), .right("FILES"), .right("ADDED"), .right("WASTED"), .right("COMPRESSED"), .left("MADE BY")])
        for layer in value {
            let maker = Terminal.safe((layer.instruction ?? "–").split(whereSeparator: \.isWhitespace).joined(separator: " "))
            table.add(
                Table.Cell(layer.diffID.short), Table.Cell(Words.count(layer.files)), "\(layer.added)",
                layer.wasted.bytes > 0 ? Table.Cell("\(layer.wasted)", .yellow) : "–", "\(layer.compressed)",
                Table.Cell(TerminalText.cut(maker, to: 80)))
        }
        let wasted = value.reduce(0) { $0 + $1.wasted }
        let added = value.reduce(0) { $0 + $1.added }
        let total = wasted.bytes > 0 ? ", of which \(wasted) are wasted: later layers replace or remove them" : ", nothing of it wasted"
        return table.lines(style) + ["", "\(added) in \(Words.count(value.count, "layer"))\(total)"]
    }
}
