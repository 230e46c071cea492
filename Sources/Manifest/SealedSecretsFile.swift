public import IngotModel
import Yams

/// A file such as `secrets.yaml` beside `ingot.yaml`: values that only the daemon can open, by environment and name.
public struct SealedSecretsFile: Hashable, Sendable {
    public static let usualName = "secrets.yaml"
    /// Characters of one value.
    public static let boxLimit = 131_072
    static let mostSecrets = 1_024

    public var boxes: [EnvironmentName: [String: String]]

    public init(boxes: [EnvironmentName: [String: String]] = [:]) { self.boxes = boxes }

    /// Mistakes are collected, as in `Manifest.parse`. An empty file has no values.
    public static func parse(_ text: String, file: String = usualName) -> Parsed<SealedSecretsFile> {
        let (document, root) = Document.compose(text, file: file)
        guard let root, !root.isNull else { return Parsed(SealedSecretsFile(), document) }
        var found = SealedSecretsFile()
        for entry in MappingReader(root, in: document, path: "", known: nil)?.entries ?? [] {
            guard let name = document.value(of: entry.key, entry.name, .identifier as ValueForm<EnvironmentName>), !entry.value.isNull,
                let section = MappingReader(entry.value, in: document, path: entry.name, known: nil)
            else { continue }
            guard section.entries.count <= mostSecrets else {
                document.error(at: section.location, "'\(entry.name)' has more than \(mostSecrets) secrets")
                continue
            }
            for secret in section.entries where document.value(of: secret.key, entry.name, .fileName) != nil {
                found.boxes[name, default: [:]][secret.name] = document.value(of: secret.value, "\(entry.name).\(secret.name)", .sealedBox)
            }
        }
        return Parsed(found, document)
    }

    /// The file, in one form for the same values, so that a change shows as what it is.
    public var text: String {
        let environments = boxes.filter { !$0.value.isEmpty }.sorted { $0.key < $1.key }.map { name, boxes in
            "\(name):\n" + boxes.sorted { $0.key < $1.key }.map { "  \($0.key): \($0.value)\n" }.joined()
        }
        return "# Values that only the daemon can open; `ingot secret encrypt` writes them. Each is good for its environment and its name only.\n"
            + environments.joined()
    }
}

extension ValueForm where Value == String {
    static var sealedBox: ValueForm {
        ValueForm(expectation: "what `ingot secret encrypt` writes") { text in
            (1...SealedSecretsFile.boxLimit).contains(text.utf8.count)
                && text.utf8.allSatisfy {
                    UInt8(ascii: "0") <= $0 && $0 <= UInt8(ascii: "9") || (65...90).contains($0 & 0xDF) || "+/=".utf8.contains($0)
                }
                ? text : nil
        }
    }
}
