internal import Foundation

/// What stands at one place of a source: one text, or fields, which belong to one version.
struct SecretDocument: Sendable {
    /// A field whose value is no text is there, and can't be used.
    enum Field: Sendable, Decodable {
        case text(SecretValue)
        case other

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let text = try? container.decode(String.self) { self = .text(SecretValue(text)) } else { self = .other }
        }
    }

    /// For messages: `vault secret/shop`.
    var what: String
    var whole: SecretValue?
    var fields: [String: Field]?

    /// The value of a field, or the whole where none is named.
    func value(of field: String?) throws(SecretError) -> SecretValue {
        guard let field else {
            guard let whole else { throw SecretError(.malformed, "\(what) has no text", remedy: "name a field of it") }
            return try Self.checked(whole, what)
        }
        guard let fields = fields ?? fieldsOfWhole() else {
            throw SecretError(.fieldMissing, "\(what) has no fields: it is not an object in JSON", remedy: "leave 'field' out in ingot.yaml")
        }
        switch fields[field] {
        case .text(let value): return try Self.checked(value, "the field '\(field)' of \(what)")
        case .other: throw SecretError(.malformed, "the field '\(field)' of \(what) is not a text", remedy: "write it as a text, in quotes")
        case nil: throw SecretError(.fieldMissing, "\(what) has no field '\(field)'", remedy: "add it there, or mend 'field' in ingot.yaml")
        }
    }

    private func fieldsOfWhole() -> [String: Field]? {
        whole?.withBytes { try? JSONDecoder().decode([String: Field].self, from: Data($0)) }
    }

    static func checked(_ value: SecretValue, _ what: String) throws(SecretError) -> SecretValue {
        guard value.count > 0 else { throw .empty(what) }
        guard value.count <= SecretValue.largest else { throw .tooLarge(what) }
        return value
    }
}
