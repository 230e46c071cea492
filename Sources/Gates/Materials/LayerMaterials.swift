internal import IngotModel

/// What one layer says about the software in its image: kept with the layer, joined with others later.
struct LayerMaterials: Hashable, Sendable, Codable {
    struct File: Hashable, Sendable, Codable {
        /// Without a leading slash.
        var path: String
        var materials: Materials
    }

    var files: [File] = []
    var cover = LayerCover()
}

extension BillOfMaterials {
    /// Joins what the layers say, the lowest first: what an upper layer hides is not in the image. Pure.
    static func join(image: Digest, _ layers: [(diffID: Digest, materials: LayerMaterials)]) -> BillOfMaterials {
        let visible = visible(layers)
        var bill = BillOfMaterials(image: image, distribution: distribution(visible.map(\.file)))
        let owned = owned(visible)
        var index: [Key: Int] = [:]
        for place in visible {
            bill.problems += place.file.materials.problems.map { Problem(layer: place.diffID, path: "/" + place.file.path, message: $0) }
            let isOwned = owned[place.layer]?.contains(OwnedPath.hash(Array(place.file.path.utf8))) ?? false
            for var package in place.file.materials.packages {
                package.locations = [Package.Location(layer: place.diffID, path: "/" + place.file.path)]
                package.isOwnedByDistribution = isOwned && !package.isOfDistribution
                bill.add(package, &index)
            }
        }
        bill.packages.sort { Key($0) < Key($1) }
        bill.problems.sort()
        return bill
    }

    /// A file of an image, with the number of its layer.
    private struct Place {
        var layer: Int
        var diffID: Digest
        var file: LayerMaterials.File
    }

    /// The files that nothing above hides.
    private static func visible(_ layers: [(diffID: Digest, materials: LayerMaterials)]) -> [Place] {
        layers.enumerated().flatMap { index, layer in
            let above = layers[(index + 1)...].map(\.materials.cover)
            return layer.materials.files.filter { file in !above.contains { $0.hides(file.path.utf8) } }
                .map { Place(layer: index, diffID: layer.diffID, file: $0) }
        }
    }

    /// By layer, the files there that a package owns which still is installed: the distribution's advisories answer only for those.
    private static func owned(_ places: [Place]) -> [Int: Set<UInt64>] {
        let installed = Set(places.flatMap(\.file.materials.packages).filter(\.isOfDistribution).map(\.name))
        return places.reduce(into: [:]) { owned, place in
            guard !place.file.materials.ownedFiles.isEmpty, place.file.materials.owner.map(installed.contains) ?? true else { return }
            owned[place.layer, default: []].formUnion(place.file.materials.ownedFiles)
        }
    }

    /// `/etc/os-release` comes before the one in `/usr/lib`, which it usually is a link to.
    private static func distribution(_ files: [LayerMaterials.File]) -> Distribution? {
        let known = files.compactMap { file in file.materials.distribution.map { (file.path, $0) } }
        return known.last { $0.0 == "etc/os-release" }?.1 ?? known.last?.1
    }

    /// The same package at two places is one with two locations; one of them that the distribution doesn't own is enough to judge it.
    private mutating func add(_ package: Package, _ index: inout [Key: Int]) {
        let key = Key(package)
        guard let place = index[key] else {
            index[key] = packages.count
            return packages.append(package)
        }
        packages[place].locations += package.locations
        packages[place].isOwnedByDistribution = packages[place].isOwnedByDistribution && package.isOwnedByDistribution
        if packages[place].licenses.isEmpty { packages[place].licenses = package.licenses }
    }

    private struct Key: Hashable, Comparable {
        var parts: [String]
        init(_ package: Package) {
            parts = [package.ecosystem.rawValue, package.name, package.version, package.architecture ?? ""]
        }
        static func < (left: Key, right: Key) -> Bool { left.parts.lexicographicallyPrecedes(right.parts) }
    }
}
