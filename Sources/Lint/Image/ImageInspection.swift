import Gates
public import ImageStore
public import IngotModel

extension ImageSubject {
    /// Looks at an image of the store. Throws only what the store throws.
    public static func of(_ image: Image, in store: ImageStore, now: Timestamp) throws -> ImageSubject {
        try store.withSharedLock {
            let bill = try BillOfMaterials.of(image, in: store)
            return try ImageSubject(
                image, contents: .of(image, in: store), bill: bill, secrets: SecretScan.of(image, in: store), now: now,
                base: BaseState.of(image, bill, in: store))
        }
    }
}

extension BaseState {
    /// What the manifest says that the image stands on, and what the store has under that name now.
    static func of(_ image: Image, _ bill: BillOfMaterials, in store: ImageStore) throws -> BaseState? {
        let annotations = image.manifest.annotations ?? [:]
        guard let name = annotations[Image.baseNameAnnotation], let digest = annotations[Image.baseDigestAnnotation].flatMap({ Digest($0) })
        else { return nil }
        let created = (try? store.configuration(of: digest))?.created.flatMap { Timestamp(text: $0) }
        var state = BaseState(name: name, digest: digest, created: created)
        guard let current = try store.resolve(name), current != digest, let newer = try? store.image(current) else { return state }
        state.newer = current
        state.updates = PackageUpdate.between(bill, try BillOfMaterials.of(newer, in: store))
        return state
    }
}
