import IngotModel

/// What the checks say of a Dockerfile.
struct BuildCheckView: View {
    var value: [Diagnostic]

    func lines(_ style: TextStyle) -> [String] {
        value.isEmpty ? ["nothing to say of the Dockerfile"] : value.flatMap { DiagnosticView(diagnostic: $0).lines(style) }
    }
}
