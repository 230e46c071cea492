import ImageStore
import IngotModel
import SystemPackage

/// An image for each of several platforms, and what becomes of what was built.
extension ImageBuilder {
    /// What cannot be delivered is said before anything is built.
    func checkDelivery(of request: BuildRequest) throws(BuildError) {
        let count = request.platforms.count
        guard Set(request.platforms).count == count else {
            throw BuildError("invalid-option", "--platform names a platform twice", remedy: "name each once")
        }
        for output in request.outputs {
            if count > 1, !output.takesSeveralPlatforms {
                throw BuildError(
                    "invalid-option", "--output: that destination takes an image for one platform, not for \(count)",
                    remedy: "build each by itself, or use type=oci, type=local, type=image or type=registry")
            }
            guard output.isPushed else { continue }
            let names = names(of: output, request)
            guard !names.isEmpty else {
                throw BuildError("invalid-option", "there is no name to push to", remedy: "add -t NAME, or name= to --output")
            }
            for name in names where remote?.storeName(of: name) == nil {
                throw BuildError(
                    "invalid-option", "'\(name.prefix(100))' names no image of a registry", remedy: "write it as registry.example.com/team/app:1.2")
            }
        }
    }

    /// Docker pushes to the names of the output, or else to all tags of the build.
    private func names(of output: BuildOutput, _ request: BuildRequest) -> [String] { output.names.isEmpty ? request.tags : output.names }

    /// Names what was built, and writes it to where it goes.
    func deliver(_ result: BuildResult, _ request: BuildRequest, _ progress: @Sendable (BuildEvent) -> Void) async throws {
        for tag in request.tags where try store.resolveRoot(tag) != result.root { try store.give(tag, to: result.root) }
        for output in request.outputs {
            if case .files(let folder) = output.kind, result.images.count > 1 {
                try Files.makeFolders(folder, mode: 0o755)
                // As BuildKit names them: `linux_arm64`.
                for image in result.images {
                    let name = "\(Platform(of: image))".replacing("/", with: "_")
                    try BuildOutput(.files(folder.appending(name))).write(image.digest, tags: [], of: store)
                }
            } else {
                try output.write(result.root, tags: request.tags, of: store)
            }
            guard output.isPushed, let remote else { continue }
            for name in names(of: output, request) {
                progress(.note("pushing \(remote.storeName(of: name) ?? name)"))
                try await remote.push(result.root, to: name, from: store)
            }
        }
    }
}

extension BuildOutput {
    var takesSeveralPlatforms: Bool {
        switch kind {
        case .files, .layout, .archive(.oci, _), .store: true
        case .rootArchive, .archive(.docker, _): false
        }
    }
}
