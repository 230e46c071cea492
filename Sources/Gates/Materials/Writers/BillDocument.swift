internal import FoundationEssentials
public import ImageStore
internal import IngotModel

/// A bill of materials in a form that other tools read. The same image gives the same bytes: times are the image's own, identifiers come from its
/// digest, and everything is sorted.
public enum BillDocument: String, CaseIterable, Sendable {
    case cyclonedx = "cyclonedx-json"
    case spdx = "spdx-json"

    /// Of a document beside an image.
    public var mediaType: String {
        switch self {
        case .cyclonedx: "application/vnd.cyclonedx+json"
        case .spdx: "application/spdx+json"
        }
    }

    /// - Parameter name: what people call the image.
    public func write(_ bill: BillOfMaterials, name: String, created: String?) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let time = Self.time(created)
        switch self {
        case .cyclonedx: return try Array(encoder.encode(CycloneDX(bill, name: name, created: time)))
        case .spdx: return try Array(encoder.encode(SPDX(bill, name: name, created: time)))
        }
    }

    /// Keeps the bill as a document beside the image; it goes with it.
    @discardableResult
    public func add(_ bill: BillOfMaterials, to image: Image, in store: ImageStore) throws -> Referrer {
        let name = image.configuration.config.labels?["org.opencontainers.image.title"] ?? "image"
        let content = try write(bill, name: name, created: image.configuration.created)
        return try store.addReferrer(to: image.digest, artifactType: mediaType, content: content)
    }

    /// In whole seconds of UTC, which both formats take: what else the image says is no time for them.
    static func time(_ created: String?) -> String {
        let epoch = "1970-01-01T00:00:00Z"
        guard let created, Timestamp(text: created) != nil else { return epoch }
        return "\(created.prefix(19))Z"
    }

    static let tool = "ingot"
    /// Licences that SPDX lists and that are common: any other word is written as a name. Source: SPDX License List 3.25.
    static let knownLicenses: Set<String> = [
        "0BSD", "Apache-2.0", "Artistic-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "GPL-2.0-only", "GPL-2.0-or-later",
        "GPL-3.0-only", "GPL-3.0-or-later", "ISC", "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MPL-2.0",
        "OpenSSL", "PSF-2.0",
        "Unlicense", "Zlib",
    ]
}
