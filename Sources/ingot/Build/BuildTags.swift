import ImageBuild
import ImageStore
import IngotModel
import SystemPackage

/// The names that a service's image gets by how it was built, besides the service's own: its commit, the number of the build, its version.
struct BuildTags {
    var service: ServiceName
    /// `nil` where there is none, or the tree differed from it.
    var commit: String?
    var buildNumber: Int?
    /// Asked for by hand.
    var version: String?
    /// The tags of the repository that lie on the commit.
    var gitTags: [String] = []

    /// Without the version that was asked for. A version has no `v`, as everywhere in registries.
    var names: [String] {
        let versions = gitTags.filter { $0.hasPrefix("v") && TagPolicy.isVersion(Substring($0)) }.map { String($0.dropFirst()) }.sorted()
        let tags = [commit.map { String($0.prefix(TagPolicy.commitDigits)) }, buildNumber.map { "\(TagPolicy.buildPrefix)\($0)" }]
        return (tags.compactMap { $0 } + versions).map { "\(service):\($0)" }
    }

    var askedName: String? { version.map { "\(service):\($0.hasPrefix("v") ? String($0.dropFirst()) : $0)" } }

    /// Gives them. A version of the repository that is another image already stays that, which is told; one that was asked for is an error.
    ///
    /// - Returns: the names that were given.
    func give(to image: Digest, in store: ImageStore, _ console: Console) throws -> [String] {
        var given: [String] = []
        for name in names {
            do {
                try store.give(name, to: image)
                given.append(name)
            } catch let error as StoreError where error.reason == .tagVersion {
                console.note("\(error.message); \(error.remedy ?? "")")
            }
        }
        guard let askedName else { return given }
        try store.give(askedName, to: image)
        return given + [askedName]
    }
}

extension BuildTags {
    init(_ result: BuildResult, of service: ServiceName, in folder: FilePath, buildNumber: Int? = nil, version: String? = nil) async {
        let commit = result.isDirty ? nil : result.commit
        self.init(service: service, commit: commit, buildNumber: buildNumber, version: version)
        if let commit { gitTags = await GitTags.of(commit, in: folder) }
    }
}
