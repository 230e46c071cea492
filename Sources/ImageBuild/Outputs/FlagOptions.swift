/// `type=oci,dest=PATH`: options as Docker's command line has them, a line of comma-separated values.
///
/// Source: RFC 4180, for values in quotes that hold a comma.
struct FlagOptions {
    /// The flag, for messages.
    let flag: String
    private var values: [String: String] = [:]

    /// - Throws: for a field without `=`, an option that is not among the known ones, and one that is given twice.
    init(_ text: String, flag: String, known: Set<String>) throws(BuildError) {
        self.flag = flag
        for field in Self.fields(text) {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = parts[0].lowercased()
            guard parts.count == 2, !name.isEmpty else { throw mistake("'\(field.prefix(80))' is not of the form name=value") }
            guard known.contains(name) else {
                throw mistake("there is no option '\(name.prefix(40))'", remedy: "the options are \(known.sorted().joined(separator: ", "))")
            }
            guard values.updateValue(String(parts[1]), forKey: name) == nil else { throw mistake("'\(name)' is given twice") }
        }
    }

    subscript(name: String) -> String? { values[name] }

    func required(_ name: String) throws(BuildError) -> String {
        guard let value = values[name], !value.isEmpty else { throw mistake("'\(name)' is missing", remedy: "add \(name)=…") }
        return value
    }

    func boolean(_ name: String) throws(BuildError) -> Bool? {
        switch values[name] {
        case nil: return nil
        case "true", "1": return true
        case "false", "0": return false
        case let other?: throw mistake("\(name) is true or false, not '\(other.prefix(20))'")
        }
    }

    func mistake(_ message: String, remedy: String? = nil) -> BuildError {
        BuildError("invalid-option", "\(flag): \(message)", remedy: remedy)
    }

    private static func fields(_ text: String) -> [String] {
        var fields = [""]
        var isQuoted = false
        for character in text {
            switch character {
            case "\"": isQuoted.toggle()
            case "," where !isQuoted: fields.append("")
            default: fields[fields.count - 1].append(character)
            }
        }
        return fields
    }
}
