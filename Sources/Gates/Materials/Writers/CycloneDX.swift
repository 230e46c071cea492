internal import IngotModel

/// Source: CycloneDX 1.6, bom-1.6.schema.json.
struct CycloneDX: Encodable {
    struct License: Encodable {
        struct Choice: Encodable {
            var id: String?
            var name: String?
        }
        var license: Choice
    }
    struct Property: Encodable {
        var name: String
        var value: String
    }
    struct Component: Encodable {
        var type: String
        var bomRef: String
        var name: String
        var version: String?
        var licenses: [License]?
        var purl: String?
        var properties: [Property]?
        enum CodingKeys: String, CodingKey {
            case type, name, version, licenses, purl, properties
            case bomRef = "bom-ref"
        }
    }
    struct Tools: Encodable { var components: [Tool] }
    struct Tool: Encodable {
        var type = "application"
        var name: String
    }
    struct Metadata: Encodable {
        var timestamp: String
        var tools: Tools
        var component: Component
    }
    struct Composition: Encodable {
        var aggregate: String
        var assemblies: [String]
    }

    var bomFormat = "CycloneDX"
    var specVersion = "1.6"
    var serialNumber: String
    var version = 1
    var metadata: Metadata
    var components: [Component]
    var compositions: [Composition]

    init(_ bill: BillOfMaterials, name: String, created: String) {
        serialNumber = "urn:uuid:\(Self.uuid(bill.image))"
        let image = Component(type: "container", bomRef: "\(bill.image)", name: name, version: "\(bill.image)")
        metadata = Metadata(timestamp: created, tools: Tools(components: [Tool(name: BillDocument.tool)]), component: image)
        components = (bill.distribution.map { [Self.component($0)] } ?? []) + bill.packages.map { Self.component($0, bill.distribution) }
        // What could not be read is said, so that nobody takes the list for whole.
        compositions = [Composition(aggregate: bill.problems.isEmpty ? "unknown" : "incomplete", assemblies: ["\(bill.image)"])]
    }

    /// The first half of the digest, with the bits of a UUID made from a name. Source: RFC 9562, version 8.
    private static func uuid(_ digest: Digest) -> String {
        var digits = Array(digest.hex.prefix(32))
        digits[12] = "8"
        digits[16] = "8"
        let text = String(digits)
        var parts: [Substring] = []
        var rest = text[...]
        for length in [8, 4, 4, 4, 12] {
            parts.append(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return parts.joined(separator: "-")
    }

    private static func component(_ distribution: Distribution) -> Component {
        Component(type: "operating-system", bomRef: "os:\(distribution.id)", name: distribution.id, version: distribution.versionID)
    }

    private static func component(_ package: Package, _ distribution: Distribution?) -> Component {
        let purl = package.purl(in: distribution)
        let licenses = package.licenses.map { text in
            License(license: BillDocument.knownLicenses.contains(text) ? .init(id: text) : .init(name: text))
        }
        var properties = package.locations.flatMap { location in
            [Property(name: "ingot:path", value: location.path), Property(name: "ingot:layer", value: "\(location.layer)")]
        }
        if let source = package.source { properties.append(Property(name: "ingot:source", value: "\(source.name) \(source.version)")) }
        return Component(
            type: "library", bomRef: purl, name: package.name, version: package.version, licenses: licenses.isEmpty ? nil : licenses, purl: purl,
            properties: properties)
    }
}
