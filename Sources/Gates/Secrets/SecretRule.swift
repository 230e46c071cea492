/// What one kind of secret looks like.
public struct SecretRule: Sendable {
    public enum Severity: String, Hashable, Sendable, Codable, CaseIterable, Comparable {
        case low, medium, high, critical
        public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }

    /// Stable: exceptions name it.
    public var id: String
    public var title: String
    public var severity: Severity
    /// Words of which one must be there, in any case, before the shape is looked at.
    var words: [String]
    var shape: SecretShape
    /// Bits a character that the secret must have at least; 0 for what its shape makes sure.
    var entropy: Double = 0
    /// Only in files whose path ends so; everywhere when empty.
    var paths: [String] = []
    /// Whether programs are searched too; generic shapes find only noise there.
    var isForPrograms = true

    public static let remedy = """
        revoke it and make a new one: whoever has the image has it; then build without it \
        (a build gets it by RUN --mount=type=secret, a service by `run.secrets`), and not only delete it in a later layer
        """
}

extension SecretRule {
    static func token(
        _ id: String, _ title: String, _ words: [String], _ alphabet: Alphabet, _ length: ClosedRange<Int>, _ severity: Severity = .critical,
        entropy: Double = 2.5
    ) -> SecretRule {
        SecretRule(id: id, title: title, severity: severity, words: words, shape: .token(alphabet, length), entropy: entropy)
    }

    static func assigned(
        _ id: String, _ title: String, _ words: [String], _ alphabet: Alphabet, _ length: ClosedRange<Int>, _ severity: Severity = .critical,
        entropy: Double = 3, paths: [String] = []
    ) -> SecretRule {
        SecretRule(
            id: id, title: title, severity: severity, words: words, shape: .assignment(alphabet, length), entropy: entropy, paths: paths,
            isForPrograms: false)
    }

    /// Sources: the token formats that GitHub, GitLab, Slack, Stripe, npm, PyPI and the others publish for secret scanning; checked against
    /// gitleaks, `config/gitleaks.toml` of commit 009e025ad410. Where lengths differ the wider one is taken.
    public static let all: [SecretRule] = clouds + forges + services + files + general

    private static let clouds: [SecretRule] = [
        .token("aws-access-key-id", "AWS access key ID", ["AKIA", "ASIA", "ABIA", "ACCA"], .upperBase32, 16...16, .high),
        .assigned(
            "aws-secret-access-key", "AWS secret access key", ["secret_access_key", "secretaccesskey", "aws_secret_key"], .base64, 40...40,
            entropy: 3.5),
        .assigned("gcp-service-account", "key of a Google Cloud service account", ["private_key_id"], .hex, 40...40),
        .token("gcp-api-key", "Google API key", ["AIza"], .urlBase64, 35...35, .high),
        .token("gcp-oauth-secret", "Google OAuth client secret", ["GOCSPX-"], .urlBase64, 28...28),
        .assigned("azure-storage-key", "Azure storage account key", ["AccountKey"], .base64, 88...88, entropy: 4),
        SecretRule(
            id: "azure-client-secret", title: "Azure client secret", severity: .critical, words: (0...9).map { "\($0)Q~" },
            shape: .infix(before: 3, .urlBase64Tilde, 31...34), entropy: 3),
        .assigned("azure-shared-access-signature", "Azure shared access signature", ["&sig", "?sig"], .urlEscaped, 43...90, .high),
        .token("digitalocean-token", "DigitalOcean token", ["dop_v1_", "doo_v1_", "dor_v1_"], .hex, 64...64),
        .token("vault-token", "HashiCorp Vault token", ["hvs.", "hvb.", "hvr."], .urlBase64, 24...300),
        SecretRule(
            id: "terraform-cloud-token", title: "Terraform Cloud token", severity: .critical, words: [".atlasv1."],
            shape: .infix(before: 14, .urlBase64Equals, 60...70)),
        .token("pulumi-token", "Pulumi token", ["pul-"], .hex, 40...40),
        .token("databricks-token", "Databricks token", ["dapi"], .hex, 32...32),
        .token("planetscale-token", "PlanetScale token", ["pscale_tkn_", "pscale_pw_", "pscale_oauth_"], .urlBase64Field, 32...64),
    ]

    private static let forges: [SecretRule] = [
        .token("github-token", "GitHub token", ["ghp_", "gho_", "ghu_", "ghs_", "ghr_"], .alphanumeric, 36...36),
        .token("github-fine-grained-token", "GitHub fine-grained token", ["github_pat_"], .word, 82...82),
        .token(
            "gitlab-token", "GitLab token",
            ["glpat-", "gldt-", "glrt-", "glptt-", "glcbt-", "glft-", "glimt-", "glagent-", "gloas-", "glffct-", "glsoat-", "GR1348941"], .urlBase64,
            20...300),
        .token("npm-token", "npm token", ["npm_"], .alphanumeric, 36...36),
        .token("pypi-token", "PyPI token", ["pypi-AgE"], .urlBase64, 50...1100),
        .token("rubygems-token", "RubyGems API key", ["rubygems_"], .hex, 48...48),
        .token("docker-token", "Docker Hub token", ["dckr_pat_", "dckr_oat_"], .urlBase64, 27...32),
        .token("atlassian-token", "Atlassian API token", ["ATATT3"], .urlBase64Equals, 150...250),
    ]

    private static let services: [SecretRule] = [
        .token("slack-token", "Slack token", ["xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xoxo-", "xoxe-", "xapp-"], .urlBase64, 24...260),
        .token(
            "slack-webhook", "Slack webhook", ["hooks.slack.com/services/T", "hooks.slack.com/workflows/T", "hooks.slack.com/triggers/T"], .path,
            40...80, .high),
        .token("discord-webhook", "Discord webhook", ["discord.com/api/webhooks/", "discordapp.com/api/webhooks/"], .path, 80...110, .high),
        .token("stripe-key", "Stripe live key", ["sk_live_", "rk_live_", "sk_prod_", "rk_prod_", "whsec_"], .alphanumeric, 10...128),
        .assigned("twilio-token", "Twilio token", ["twilio_auth_token", "twilio_token"], .hex, 32...32),
        .token("sendgrid-key", "SendGrid key", ["SG."], .urlBase64Dot, 66...66, entropy: 4),
        .token("mailgun-key", "Mailgun key", ["key-"], .hex, 32...32, .high, entropy: 3),
        .token("shopify-token", "Shopify token", ["shpat_", "shpca_", "shppa_", "shpss_"], .hex, 32...32),
        .token("openai-key", "OpenAI key", ["sk-proj-", "sk-svcacct-", "sk-admin-"], .urlBase64, 40...200),
        SecretRule(
            id: "openai-user-key", title: "OpenAI key of a user", severity: .critical, words: ["T3BlbkFJ"],
            shape: .infix(before: 20, .alphanumeric, 20...20)),
        .token("anthropic-key", "Anthropic key", ["sk-ant-"], .urlBase64, 80...130),
        .token("hugging-face-token", "Hugging Face token", ["hf_", "api_org_"], .alphanumeric, 34...34, entropy: 3.5),
        .token("new-relic-key", "New Relic key", ["NRAK-"], .alphanumeric, 27...27),
        .token("grafana-token", "Grafana token", ["glsa_"], .word, 41...41),
        .token("grafana-cloud-token", "Grafana Cloud token", ["glc_", "eyJrIjoi"], .base64, 32...404),
        .token("linear-key", "Linear key", ["lin_api_"], .alphanumeric, 40...40),
        .token("postman-key", "Postman key", ["PMAK-"], .urlBase64, 59...59),
        .token("doppler-token", "Doppler token", ["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."], .urlBase64Dot, 40...80),
        .token("sentry-token", "Sentry token", ["sntryu_", "sntrys_"], .base64Word, 64...500),
        .token("heroku-key", "Heroku API key", ["HRKU-AA"], .urlBase64, 58...58),
        .token("jfrog-token", "JFrog Artifactory token", ["AKCp", "cmVmd"], .alphanumeric, 59...69, entropy: 4),
        .token("ingot-token", "Ingot token", ["ingot_"], .word, 60...60),
        .token("onepassword-token", "1Password service account token", ["ops_eyJ"], .base64, 250...4000),
    ]

    private static let files: [SecretRule] = [
        SecretRule(
            id: "private-key", title: "private key", severity: .critical, words: ["PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"],
            shape: .privateKey),
        SecretRule(
            id: "putty-key", title: "private key of PuTTY", severity: .critical, words: ["PuTTY-User-Key-File-"], shape: .line(8...80)),
        .token("age-key", "secret key of age", ["AGE-SECRET-KEY-1"], .alphanumeric, 58...58),
        .assigned("npmrc-token", "token in .npmrc", ["_authToken", "_auth"], .graphic, 16...400, paths: [".npmrc"]),
        SecretRule(
            id: "netrc-password", title: "password in .netrc", severity: .high, words: ["password"], shape: .word(4...200),
            paths: [".netrc", "_netrc"]),
        SecretRule(
            id: "pgpass-password", title: "password in .pgpass", severity: .high, words: [":"], shape: .lastField(count: 5), paths: [".pgpass"]),
        .assigned(
            "docker-credentials", "registry credentials", ["\"auth\"", "\"identitytoken\""], .base64, 12...4000, entropy: 2.5,
            paths: [".docker/config.json", ".dockercfg", ".dockerconfigjson", "containers/auth.json"]),
        .assigned("kubeconfig-key", "client key of a kubeconfig", ["client-key-data"], .base64, 100...20_000),
        .assigned(
            "terraform-state", "sensitive value in Terraform's state", ["\"password\"", "\"secret\"", "\"private_key\"", "\"token\""], .graphic,
            8...4000, .high, entropy: 2.5, paths: [".tfstate", ".tfstate.backup"]),
        SecretRule(
            id: "password-hash", title: "password hash of an account", severity: .medium, words: [":$6$", ":$y$", ":$5$", ":$1$"],
            shape: .token(.hash, 20...200), entropy: 3, paths: ["etc/shadow", "etc/shadow-", ".htpasswd"]),
    ]

    private static let general: [SecretRule] = [
        SecretRule(
            id: "url-password", title: "password in a URL", severity: .high,
            words: [
                "postgres://", "postgresql://", "mysql://", "mongodb://", "mongodb+srv://", "redis://", "rediss://", "amqp://", "amqps://",
                "https://",
                "http://", "ftp://",
            ], shape: .urlPassword, isForPrograms: false),
        SecretRule(
            id: "json-web-token", title: "JSON Web Token", severity: .medium, words: ["eyJ"], shape: .jsonWebToken, entropy: 3.5, isForPrograms: false
        ),
        .assigned(
            "generic-secret", "value that looks like a secret", ["password", "passwd", "secret", "api_key", "apikey", "access_token", "auth_token"],
            .graphic, 12...200, .medium, entropy: 3.5),
    ]
}
