import IngotModel
import Yams

/// Reads where an environment's secrets are found.
struct SecretsReader {
    let document: Document

    /// A path alone is a file on the daemon's machine.
    func reference(_ node: Node, path: String) -> SecretReference? {
        if node.mapping == nil { return document.value(of: node, path, .filePath).map { .file($0) } }
        guard let reader = MappingReader(node, in: document, path: path, known: Grammar.secret.names),
            let kind = reader.only(of: ["encrypted", "vault", "aws"])
        else { return nil }
        refuse(in: reader, Self.foreignKeys[kind] ?? [], of: kind)
        switch kind {
        case "encrypted": return reader.value("encrypted", .relativePath).map { .sealed(SealedReference(file: $0)) }
        case "vault": return vault(reader)
        default: return aws(reader)
        }
    }

    private static let foreignKeys = ["encrypted": ["mount", "field", "stage", "source"], "vault": ["stage"], "aws": ["mount"]]

    private func refuse(in reader: MappingReader, _ keys: [String], of kind: String) {
        for key in keys where reader.has(key) {
            document.error(at: reader.location(key), "'\(reader.path(key))' says nothing of a secret that is '\(kind)'", hint: "leave it out")
        }
    }

    private func vault(_ reader: MappingReader) -> SecretReference? {
        let path = reader.value("vault", .secretPath)
        let mount = reader.value("mount", .secretPath)
        let source = reader.value("source", .name(of: "source")) ?? "vault"
        let field = reader.required("field", .text, hint: "add 'field:' with the name of the field that has the value")
        guard let path, let field else { return nil }
        if let mount { return .vault(VaultReference(source: source, mount: mount, path: path, field: field)) }
        guard let slash = path.firstIndex(of: "/") else {
            document.error(
                at: reader.location("vault"), "'\(reader.path("vault"))' is '\(path)'; expected the mount and the path in it",
                hint: "write 'secret/\(path)'")
            return nil
        }
        let rest = String(path[path.index(after: slash)...])
        return .vault(VaultReference(source: source, mount: String(path[..<slash]), path: rest, field: field))
    }

    private func aws(_ reader: MappingReader) -> SecretReference? {
        let source = reader.value("source", .name(of: "source")) ?? "aws"
        let field = reader.value("field", .text)
        let stage = reader.value("stage", .text) ?? AWSReference.current
        return reader.value("aws", .awsSecret).map { .aws(AWSReference(source: source, id: $0, field: field, stage: stage)) }
    }

    static func refresh(_ reader: MappingReader) -> SecretRefresh {
        let rotation = reader.value("secrets-rotation", .word(SecretRotation.allCases.map(\.rawValue))).flatMap { SecretRotation(rawValue: $0) }
        let interval = reader.value("secrets-refresh", .duration(SecretRefresh.intervals))
        return SecretRefresh(
            rotation: rotation ?? Defaults.secretsRotation.value, interval: interval ?? Defaults.secretsRefresh.value)
    }
}

extension ValueForm where Value == String {
    static var secretPath: ValueForm {
        ValueForm(expectation: "a path such as secret/shop: letters, digits, '.', '_', '-' and '/'") { text in
            VaultReference.isPath(text) ? text : nil
        } hint: { text in
            text.hasPrefix("/") ? "leave out the '/' at its beginning" : nil
        }
    }

    /// Source: AWS Secrets Manager, CreateSecret, `Name`; ARNs have colons besides.
    static var awsSecret: ValueForm {
        ValueForm(expectation: "a secret's name or ARN: letters, digits and /_+=.@-:") { text in
            (1...VaultReference.longestPath).contains(text.utf8.count)
                && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/_+=.@-:".contains($0)) } ? text : nil
        }
    }
}
