internal import IngotModel

/// Source: SPDX 2.3, spdx-schema.json.
struct SPDX: Encodable {
    struct Creation: Encodable {
        var created: String
        var creators: [String]
    }
    struct Reference: Encodable {
        var referenceCategory = "PACKAGE-MANAGER"
        var referenceType = "purl"
        var referenceLocator: String
    }
    struct Checksum: Encodable {
        var algorithm = "SHA256"
        var checksumValue: String
    }
    struct Item: Encodable {
        var SPDXID: String
        var name: String
        var versionInfo: String
        var downloadLocation = "NOASSERTION"
        var filesAnalyzed = false
        var licenseConcluded = "NOASSERTION"
        var licenseDeclared = "NOASSERTION"
        var copyrightText = "NOASSERTION"
        var licenseComments: String?
        var sourceInfo: String?
        var primaryPackagePurpose: String
        var checksums: [Checksum]?
        var externalRefs: [Reference]?
    }
    struct Relationship: Encodable {
        var spdxElementId: String
        var relationshipType: String
        var relatedSpdxElement: String
    }

    var spdxVersion = "SPDX-2.3"
    var dataLicense = "CC0-1.0"
    var SPDXID = "SPDXRef-DOCUMENT"
    var name: String
    var documentNamespace: String
    var comment: String?
    var creationInfo: Creation
    var packages: [Item]
    var relationships: [Relationship]

    private static let imageID = "SPDXRef-image"

    init(_ bill: BillOfMaterials, name: String, created: String) {
        self.name = name
        documentNamespace = "https://ingot.dev/spdx/\(bill.image.hex)"
        comment = bill.problems.isEmpty ? nil : "Incomplete: \(bill.problems.count) files could not be read."
        creationInfo = Creation(created: created, creators: ["Tool: \(BillDocument.tool)"])
        let image = Item(
            SPDXID: Self.imageID, name: name, versionInfo: "\(bill.image)", primaryPackagePurpose: "CONTAINER",
            checksums: [Checksum(checksumValue: bill.image.hex)])
        let items = bill.packages.enumerated().map { Self.item($1, "SPDXRef-package-\($0 + 1)", bill.distribution) }
        packages = [image] + items
        relationships =
            [Relationship(spdxElementId: "SPDXRef-DOCUMENT", relationshipType: "DESCRIBES", relatedSpdxElement: Self.imageID)]
            + items.map { Relationship(spdxElementId: Self.imageID, relationshipType: "CONTAINS", relatedSpdxElement: $0.SPDXID) }
    }

    private static func item(_ package: Package, _ id: String, _ distribution: Distribution?) -> Item {
        let license = package.licenses.count == 1 ? package.licenses[0] : nil
        let isKnown = license.map(BillDocument.knownLicenses.contains) ?? false
        return Item(
            SPDXID: id, name: package.name, versionInfo: package.version, licenseDeclared: isKnown ? license ?? "NOASSERTION" : "NOASSERTION",
            licenseComments: isKnown || package.licenses.isEmpty ? nil : package.licenses.joined(separator: "; "),
            sourceInfo: package.locations.map { "\($0.path) in layer \($0.layer)" }.joined(separator: "; "), primaryPackagePurpose: "LIBRARY",
            externalRefs: [Reference(referenceLocator: package.purl(in: distribution))])
    }
}
