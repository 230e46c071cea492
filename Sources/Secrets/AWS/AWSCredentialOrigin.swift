internal import Manifest

/// Where the credentials of a source come from. The first that somebody set up is the one, also when it fails: what comes after it would be others' rights.
///
/// Source: AWS SDKs and Tools Reference Guide, "Standardized credential providers", "Container credential provider", "IMDS credential provider".
enum AWSCredentialOrigin: Hashable, Sendable {
    /// Named in `secret-sources.yaml`.
    case file(String, profile: String)
    case variables
    /// What ECS, EKS or somebody's own agent gives to a container.
    case container(AWSMetadataAddress)
    /// The metadata of an EC2 instance.
    case instance(AWSMetadataAddress)

    /// - Parameter title: of the source, for messages.
    static func chosen(
        _ settings: SecretSourceSettings.AWSSettings, variables: [String: String], title: String
    ) throws(SecretError) -> AWSCredentialOrigin {
        if let file = settings.credentialsFile { return .file(file, profile: settings.profile) }
        // As in the SDKs, an empty variable is none.
        let variables = variables.filter { !$0.value.isEmpty }
        if variables["AWS_ACCESS_KEY_ID"] != nil || variables["AWS_SECRET_ACCESS_KEY"] != nil { return .variables }
        if let path = variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] {
            let address = path.hasPrefix("/") ? AWSMetadataAddress("http://169.254.170.2" + path, plain: AWSMetadataAddress.container) : nil
            guard let address else {
                throw unusable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", title, remedy: "give a path that begins with '/'")
            }
            return .container(address)
        }
        if let text = variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"] {
            guard let address = AWSMetadataAddress(text, plain: AWSMetadataAddress.container) else {
                throw unusable(
                    "AWS_CONTAINER_CREDENTIALS_FULL_URI", title,
                    remedy: "give an address with https, or with http of this machine, 169.254.170.2, 169.254.170.23 or [fd00:ec2::23]")
            }
            return .container(address)
        }
        return .instance(try instance(variables, title))
    }

    private static func instance(_ variables: [String: String], _ title: String) throws(SecretError) -> AWSMetadataAddress {
        if variables["AWS_EC2_METADATA_DISABLED"]?.lowercased() == "true" {
            throw none(SecretError(.notSetUp, "AWS_EC2_METADATA_DISABLED turns instance metadata off", remedy: remedy), title)
        }
        let text = variables["AWS_EC2_METADATA_SERVICE_ENDPOINT"] ?? "http://169.254.169.254"
        let whole = text.hasSuffix("/") ? String(text.dropLast()) : text
        guard let address = AWSMetadataAddress(whole, plain: AWSMetadataAddress.instance), !whole.contains("?") else {
            throw unusable(
                "AWS_EC2_METADATA_SERVICE_ENDPOINT", title,
                remedy: "give an address with https, or with http of this machine, 169.254.169.254 or [fd00:ec2::254]")
        }
        return address
    }

    // MARK: For messages

    /// The credentials from here.
    var words: String {
        switch self {
        case .file(let path, let profile): "the keys of the profile '\(profile)' in \(path)"
        case .variables: "the keys in the daemon's variables"
        case .container(let address): "the container's credentials from \(address.server)"
        case .instance(let address): "the credentials from instance metadata at \(address.server)"
        }
    }

    /// Everything was looked at, and the last has nothing either.
    static func none(_ error: SecretError, _ title: String) -> SecretError {
        SecretError(
            error.kind,
            "there are no credentials for \(title): 'credentials-file' is not set, the daemon's variables have no keys and name no container, and "
                + error.message, remedy: error.remedy)
    }

    static let remedy =
        "set 'credentials-file' in secret-sources.yaml, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the daemon, or give its machine a role"

    private static func unusable(_ variable: String, _ title: String, remedy: String) -> SecretError {
        SecretError(.notSetUp, "there are no credentials for \(title): \(variable) of the daemon is no address to ask for them", remedy: remedy)
    }
}
