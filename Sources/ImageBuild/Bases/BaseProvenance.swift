import Crypto
import Foundation
public import ImageStore
public import IngotModel

/// What a base image was made of, as annotations of its manifest: unlike labels, images built on it do not inherit them.
public struct BaseProvenance: Hashable, Sendable {
    public static let definitionAnnotation = "dev.ingot.base.definition"
    public static let packagesAnnotation = "dev.ingot.base.package-versions"

    /// Of the definition's meaning: comments and the order of its keys do not change it.
    public var definition: IngotModel.Digest
    /// Versions by name.
    public var packages: [String: String]
    /// Of the archive that the packages came from.
    public var archiveDate: Timestamp?

    init(_ specification: BaseImageSpecification, packages: [String: String], archiveDate: Timestamp?) throws {
        definition = try Self.digest(of: specification)
        self.packages = packages
        self.archiveDate = archiveDate
    }

    /// `nil` for an image that is no base made by Ingot.
    public init?(_ image: Image) {
        let annotations = image.manifest.annotations ?? [:]
        guard let definition = annotations[Self.definitionAnnotation].flatMap(IngotModel.Digest.init(_:)) else { return nil }
        self.definition = definition
        packages = Self.versions(annotations[Self.packagesAnnotation] ?? "")
        archiveDate = image.configuration.config.labels?[BaseImageBuilder.archiveDateLabel].flatMap { Timestamp(text: $0) }
    }

    var annotations: [String: String] {
        [
            Self.definitionAnnotation: "\(definition)",
            Self.packagesAnnotation: packages.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " "),
        ]
    }

    static func digest(of specification: BaseImageSpecification) throws -> IngotModel.Digest {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return IngotModel.Digest(bytes: SHA256.hash(data: try encoder.encode(specification)))
    }

    /// `a=1 b=2`.
    private static func versions(_ text: String) -> [String: String] {
        let pairs = text.split(separator: " ").compactMap { word -> (String, String)? in
            let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
            return parts.count == 2 ? (parts[0], parts[1]) : nil
        }
        return Dictionary(pairs) { first, _ in first }
    }
}
