/// Which files below a source are copied: those that `--parents` names and `--exclude` does not.
///
/// Patterns are as in `.dockerignore`, relative to the source; with `--parents`, to its pivot.
struct CopyFilter: Sendable {
    /// `nil` when everything is meant.
    var included: IgnoreRules?
    var excluded = IgnoreRules()

    var isEmpty: Bool { included == nil && excluded.isEmpty }

    /// Whether a source that is itself a file is copied; it is judged by its name.
    func accepts(fileNamed name: String) -> Bool { !excluded.isIgnored(name) }

    private struct Verdicts {
        var included: IgnoreRules.Verdict?
        var excluded: IgnoreRules.Verdict
    }

    /// What stays of a list in which each folder stands before what is in it. The folders above something that stays, stay.
    ///
    /// - Parameter path: relative to the source; empty for the source itself, which always stays.
    func selection<Element>(of elements: [Element], path: (Element) -> String) -> [Element] {
        guard !isEmpty else { return elements }
        var selection: [Element] = []
        var folders: [(prefix: String, verdicts: Verdicts, waiting: Element?)] = []
        for element in elements {
            let path = path(element)
            while let last = folders.last, !path.hasPrefix(last.prefix) { folders.removeLast() }
            let (verdicts, isSelected) = judge(path, below: folders.last?.verdicts)
            if isSelected {
                for index in folders.indices {
                    if let waiting = folders[index].waiting { selection.append(waiting) }
                    folders[index].waiting = nil
                }
                selection.append(element)
            }
            folders.append((path.isEmpty ? "" : path + "/", verdicts, isSelected ? nil : element))
        }
        return selection
    }

    private func judge(_ path: String, below parent: Verdicts?) -> (Verdicts, isSelected: Bool) {
        guard !path.isEmpty, let parent else { return (Verdicts(included: included?.root, excluded: excluded.root), true) }
        var verdicts = parent
        if let rules = included, let above = parent.included { verdicts.included = rules.verdict(path, parent: above) }
        verdicts.excluded = excluded.verdict(path, parent: parent.excluded)
        return (verdicts, verdicts.included?.isIgnored != false && !verdicts.excluded.isIgnored)
    }
}
