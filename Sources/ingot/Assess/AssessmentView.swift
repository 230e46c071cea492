import IngotModel
import Lint

/// The checklist by its three areas, the level, and what is missing for the next.
struct AssessmentView: View {
    var value: Assessment

    func lines(_ style: TextStyle) -> [String] {
        AssessmentQuestion.Area.allCases.flatMap { area -> [String] in
            let answers = value.answers.filter { $0.area == area }
            return [style.paint(area.rawValue.uppercased(), .bold)] + answers.flatMap { lines($0, style) }
        } + value.unknowns.map { style.paint("not known: \(Terminal.safe($0))", .yellow) } + level(style)
    }

    private func lines(_ answer: Assessment.Answer, _ style: TextStyle) -> [String] {
        let mark = answer.isYes ? style.paint("yes", .green) : style.paint("no ", .red)
        let date = answer.at.map { " (\($0.text.prefix(10)))" } ?? ""
        let remedy = answer.remedy.map { ["         \(style.paint("to do:", .cyan)) \($0)"] } ?? []
        return ["  \(mark)  \(answer.question.title): \(Terminal.safe(answer.evidence))\(date)"] + remedy
    }

    private func level(_ style: TextStyle) -> [String] {
        let name = Assessment.levels[max(0, min(value.level, Assessment.levels.count) - 1)]
        let heading = "\(style.paint("level \(value.level) of \(Assessment.levels.count)", .bold)), \(name)"
        guard !value.missing.isEmpty else { return [heading] }
        return [heading, "for level \(value.level + 1): \(value.missing.map(\.title).joined(separator: "; "))"]
    }
}
