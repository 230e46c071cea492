import ImageBuild
import ImageStore
import IngotModel

/// Whether a second build gave the same image, and if not, which instruction made which file otherwise.
struct BuildVerificationView: View {
    struct Value: Encodable {
        var isReproducible: Bool
        var first: Digest
        var second: Digest
        var steps: [ImageVerification.StepDifference]
        var configuration: [ImageDifference.Value]
    }
    var value: Value

    init(_ verification: ImageVerification) {
        value = Value(
            isReproducible: verification.isReproducible, first: verification.first.digest, second: verification.second.digest,
            steps: verification.causes, configuration: verification.configuration)
    }

    func lines(_ style: TextStyle) -> [String] {
        guard !value.isReproducible else { return ["built twice, with the same result", "\(value.first)"] }
        let settings = value.configuration.map { "  \(Terminal.safe($0.name)): \($0.before ?? "–") → \($0.after ?? "–")" }
        return value.steps.flatMap { lines($0, style) } + (settings.isEmpty ? [] : ["settings that differ:"] + settings)
            + ["built twice, with two results: \(value.first.short) and \(value.second.short)"]
    }

    private func lines(_ step: ImageVerification.StepDifference, _ style: TextStyle) -> [String] {
        let instruction = Terminal.safe(step.instruction.split(whereSeparator: \.isWhitespace).joined(separator: " "))
        let head = "\(style.paint("\(step.location):", .bold)) \(TerminalText.cut(instruction, to: 120)) makes what differs:"
        return [head] + step.files.map { "  \(Terminal.safe($0.path))  \($0.changes.map(DifferenceView.words).joined(separator: ", "))" }
    }
}
