import ImageBuild
import IngotModel
import SystemPackage

/// The builds that a service's description asks for.
struct ServiceBuild {
    let specification: ServiceSpecification
    let folder: FilePath

    /// The image itself. One tag, which moves with each build: releases keep their own images, and a commit is found by its label.
    func request() -> BuildRequest {
        BuildRequest(
            contextFolder: path(specification.image.context), dockerfilePath: path(specification.image.dockerfile),
            target: specification.image.target, tags: [specification.service.name], title: specification.service.name)
    }

    /// A stage that is a test.
    func request(testing stage: String, deadline: Milliseconds) -> BuildRequest {
        var request = request()
        request.target = stage
        request.isTest = true
        request.tags = []
        request.deadline = deadline
        return request
    }

    private func path(_ relative: String) -> FilePath { folder.pushing(FilePath(relative)).lexicallyNormalized() }
}
