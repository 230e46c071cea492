internal import IngotModel
internal import Manifest
internal import NIOHTTP1

/// Finds what the requests to a source are signed with. A role's credentials are kept, and fetched anew before they end.
actor AWSCredentialProvider {
    private let origin: Result<AWSCredentialOrigin, SecretError>
    private let files: CredentialFiles
    private let variables: [String: String]
    /// Of the source, for messages.
    private let title: String
    /// Of each answer of the container's agent, or of instance metadata.
    private let bounds: SourceRequest.Bounds
    private let now: @Sendable () -> Timestamp
    private var session = AWSRoleSession()
    private var fetch: Task<AWSCredentials, any Error>?

    init(
        _ settings: SecretSourceSettings.AWSSettings, title: String, files: CredentialFiles, variables: [String: String],
        bounds: SourceRequest.Bounds = .metadata, now: @escaping @Sendable () -> Timestamp
    ) {
        origin = Result { () throws(SecretError) in try AWSCredentialOrigin.chosen(settings, variables: variables, title: title) }
        self.files = files
        self.variables = variables
        self.title = title
        self.bounds = bounds
        self.now = now
    }

    /// The credentials, and which they are in words.
    func credentials() async throws -> (AWSCredentials, origin: String) {
        let origin = try origin.get()
        return (try await credentials(of: origin), origin.words)
    }

    /// The next time others are fetched, if there are others.
    func doubt() { session.doubt() }

    private func credentials(of origin: AWSCredentialOrigin) async throws -> AWSCredentials {
        switch origin {
        case .file(let path, let profile): return try credentials(inFile: path, profile)
        case .variables:
            guard let credentials = AWSCredentials(environment: variables) else {
                throw SecretError(
                    .notSetUp, "there are no credentials for \(title): AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of the daemon are no keys",
                    remedy: "set both of them, or neither")
            }
            return credentials
        case .container(let address): return try await current { try await self.containerCredentials(address) }
        case .instance(let address): return try await current { try await self.instanceCredentials(address) }
        }
    }

    private func credentials(inFile path: String, _ profile: String) throws(SecretError) -> AWSCredentials {
        let text = try files.read(path, "the credentials of \(title)").withBytes { String(decoding: $0, as: UTF8.self) }
        guard let credentials = AWSCredentials(file: text, profile: profile) else {
            throw SecretError(.notSetUp, "\(path) has no keys for the profile '\(profile)'", remedy: "see 'profile' in secret-sources.yaml")
        }
        return credentials
    }

    // MARK: Roles

    private typealias RoleCredentials = (credentials: AWSCredentials, expiration: Timestamp?)

    /// Those that are kept, or others; fetched once for all who ask meanwhile.
    private func current(_ fetched: @escaping @Sendable () async throws -> RoleCredentials) async throws -> AWSCredentials {
        if let current = session.current(at: now()) { return current }
        let fetch = self.fetch ?? Task { try await self.renewed(fetched) }
        self.fetch = fetch
        return try await fetch.value
    }

    private func renewed(_ fetched: @Sendable () async throws -> RoleCredentials) async throws -> AWSCredentials {
        defer { fetch = nil }
        do {
            let (credentials, expiration) = try await fetched()
            session.keep(credentials, until: expiration)
            return credentials
        } catch {
            guard let held = session.held(at: now()) else { throw error }
            return held
        }
    }

    private func containerCredentials(_ address: AWSMetadataAddress) async throws -> RoleCredentials {
        let source = "the container's agent at \(address.server)"
        do {
            let headers = try authorization().map { [(name: "Authorization", value: $0)] } ?? []
            let answer = try await SourceRequest(
                source: source, address: address.text, headers: headers, bounds: bounds,
                remedy: "see that it runs, and AWS_CONTAINER_CREDENTIALS_… of the daemon"
            ).send()
            return try AWSMetadataAnswer.credentials(answer, source: source, at: now())
        } catch let error as SecretError {
            throw SecretError(error.kind, "there are no credentials for \(title): \(error.message)", remedy: error.remedy)
        }
    }

    /// Read each time: EKS renews the file.
    private func authorization() throws(SecretError) -> String? {
        let what = "the authorization token of the container"
        let file = variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] ?? ""
        let token = file.isEmpty ? variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"] : try files.read(file, what).line()
        guard !file.isEmpty || token?.isEmpty == false else { return nil }
        // It may be of two words: a scheme and a token.
        guard let token, (1...8_192).contains(token.utf8.count), token.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw SecretError(.notSetUp, "\(what) is not one line of text", remedy: "see AWS_CONTAINER_AUTHORIZATION_TOKEN and …_FILE of the daemon")
        }
        return token
    }

    /// By version 2 of the service only: a session's token, the role's name, and the role's credentials.
    private func instanceCredentials(_ address: AWSMetadataAddress) async throws -> RoleCredentials {
        let source = "instance metadata at \(address.server)"
        func ask(_ path: String, _ header: (name: String, value: String), isPut: Bool = false) async throws -> SourceRequest.Answer {
            try await SourceRequest(
                source: source, method: isPut ? .PUT : .GET, address: "\(address.text)/latest/\(path)", headers: [header], bounds: bounds,
                remedy: AWSCredentialOrigin.remedy
            ).send()
        }
        do {
            let asked = try await ask("api/token", ("X-aws-ec2-metadata-token-ttl-seconds", "60"), isPut: true)
            let token = (name: "X-aws-ec2-metadata-token", value: try AWSMetadataAnswer.token(asked, source: source))
            let roles = "meta-data/iam/security-credentials/"
            let role = try AWSMetadataAnswer.role(try await ask(roles, token), source: source)
            return try AWSMetadataAnswer.credentials(try await ask(roles + role, token), source: source, at: now())
        } catch let error as SecretError {
            throw AWSCredentialOrigin.none(error, title)
        }
    }
}
