import IngotModel

/// A key that may stand in `ingot.yaml`.
struct Key: Sendable {
    var name: String
    /// What is written behind it.
    var accepts: String
    var meaning: String

    init(_ name: String, _ accepts: String, _ meaning: String) {
        self.name = name
        self.accepts = accepts
        self.meaning = meaning
    }
}

/// A place in `ingot.yaml` with the keys that are known there. The parser refuses all others; the reference page lists these.
struct Section: Sendable {
    /// From the top of the file; `*` stands for a name that people choose, `[]` for each entry of a list.
    var path: String
    var keys: [Key]

    var names: [String] { keys.map(\.name) }
}

enum Grammar {
    static let root = Section(
        path: "",
        keys: [
            Key("service", "name", "**Required.** The service's name: 1 to 40 of `a-z`, `0-9` and `-`."),
            Key("image", "section", "What the image is built from."),
            Key("test", "list", "What every digest must pass before it may run anywhere."),
            Key("gates", "section", "What a digest must pass besides its tests."),
            Key("lint", "section", "Which rules of `ingot lint` this service does not keep."),
            Key("run", "section", "**Required.** How an instance runs, the same in all environments."),
            Key("environments", "names", "**Required.** Where releases run; a name for each, with its settings."),
        ])
    static let image = Section(
        path: "image",
        keys: [
            Key("dockerfile", "path", "The Dockerfile, relative to the folder of `ingot.yaml`."),
            Key("context", "path", "The folder that COPY reads from."),
            Key("target", "stage", "The stage that becomes the image; the last one if left out."),
        ])
    static let test = Section(
        path: "test[]",
        keys: [
            Key("name", "name", "**Required.** How the test is called in evidence and messages."),
            Key("stage", "stage", "A stage of the Dockerfile: that it builds is the test. One of this, `run` and `check`."),
            Key(
                "run", "list",
                "A command on this machine, against an instance of its own, whose address is in `INGOT_URL`. A `statelessness` check has one too."
            ),
            Key(
                "check", "word",
                "`statelessness`, `graceful-stop` or `readiness`: a test of Ingot's own. [What each does](tests.md)."),
            Key("request", "path", "Of a `graceful-stop` check: a GET that takes a while to answer. Left out, a request is half sent."),
            Key("needs", "list", "What runs beside the instance for as long as the test does, such as a database."),
            Key(
                "report", "path",
                "The JUnit file that the command writes, or a pattern such as `results/*.xml`. A failed case in it fails the test."),
            Key("deadline", "duration", "After this time the test has failed. At most `1h` for a command, `30m` for one that runs twice."),
        ])
    static let need = Section(
        path: "test[].needs[]",
        keys: [
            Key("image", "image", "**Required.** An image of the store: a digest, a tag or a commit."),
            Key(
                "as", "name",
                "**Required.** The name by which the instance finds it. The command has its address in `INGOT_NAME_ADDRESS`, as `10.66.0.9:6379`."),
            Key("port", "1 to 65535", "**Required.** The TCP port it listens on. It is ready once that accepts a connection."),
            Key("environment", "names", "Variables that it gets."),
        ])
    static let gates = Section(
        path: "gates",
        keys: [
            Key("size", "section", "How large the image may be."),
            Key(
                "vulnerabilities", "section",
                "Known vulnerabilities in the image. Without the section nobody looks; with it, also an empty one, what can't be judged is refused."),
            Key("secrets", "section", "Images are always searched for secrets; here stand the exceptions."),
        ])
    static let size = Section(
        path: "gates.size", keys: [Key("fail-at", "size", "A larger image is refused: the sum of its layers as they are mounted.")])
    static let vulnerabilities = Section(
        path: "gates.vulnerabilities",
        keys: [
            Key("fail-at", "word", "`low`, `medium`, `high` or `critical`. What nobody has rated fails too."),
            Key("unfixed", "word", "`ignore` or `count`: those that have no fix yet."),
            Key(
                "scanner", "word",
                "`ingot`, which judges by the advisories that were imported; `trivy` or `grype`, where the daemon's machine has them."),
            Key("advisories-maximum-age", "duration", "Older advisories are refused. For `scanner: ingot`; the others see to theirs themselves."),
            Key("exceptions", "list", "What somebody has looked at and answers for, until a day."),
        ])
    static let exception = Section(
        path: "gates.vulnerabilities.exceptions[]",
        keys: [
            Key("id", "text", "**Required.** Such as `CVE-2026-0001`: any name of it."),
            Key("package", "text", "The only package in which it is acceptable, by the name that the advisory has; any if left out."),
            Key("until", "date", "**Required.** The last day on which it holds."),
            Key("reason", "text", "**Required.** Why it is acceptable."),
        ])
    static let secrets = Section(
        path: "gates.secrets", keys: [Key("exceptions", "list", "What was found and is no secret, or was revoked.")])
    static let secretException = Section(
        path: "gates.secrets.exceptions[]",
        keys: [
            Key("id", "text", "**Required.** The rule that found it, such as `private-key`."),
            Key(
                "path", "text",
                "**Required.** The file in the image, or the place in its configuration, as the gate says it; a `*` may stand at the end."),
            Key("until", "date", "**Required.** The last day on which it holds."),
            Key("reason", "text", "**Required.** Why it is acceptable."),
        ])
    static let lint = Section(
        path: "lint", keys: [Key("ignore", "list", "Entries with `id`, `reason` and, where it ends, `until`. See [lint](lint.md).")])
    static let ignoredRule = Section(
        path: "lint.ignore[]",
        keys: [
            Key("id", "text", "**Required.** Such as `ING-M004`."),
            Key("reason", "text", "**Required.** Why it is acceptable here."),
            Key("until", "date", "The last day on which it holds; no end if left out."),
        ])
    static let run = Section(
        path: "run",
        keys: [
            Key("port", "1 to 65535", "**Required.** The TCP port at which the service listens for HTTP."),
            Key("command", "list", "The command instead of the image's own."),
            Key("readiness", "section", "How the router asks whether an instance can take traffic."),
            Key("stop", "section", "How an instance is ended."),
            Key("resources", "section", "What an instance may use."),
            Key("writable", "list", "Absolute paths at which an instance gets an empty tmpfs; everything else is read-only."),
            Key("configuration", "list", "The names of the variables that each environment must give."),
            Key("secrets", "list", "The names of the secrets that each environment must give; files below `/run/secrets`."),
            Key("root", "`allowed`", "Lets the image's user be root; refused otherwise."),
            Key("capabilities", "list", "Linux capabilities that an instance keeps; none otherwise."),
            Key(
                "egress", "`none`, `internet` or a list",
                "Where an instance may open connections to: nowhere, every address outside this machine, or the listed `address:port` only."),
        ])
    static let readiness = Section(
        path: "run.readiness",
        keys: [
            Key("path", "path", "Asked with GET, and must answer 200 to 399. Left out, an accepted TCP connection is enough."),
            Key("start-interval", "duration", "Between two checks until the instance is up for the first time."),
            Key("interval", "duration", "Between two checks after that."),
            Key("timeout", "duration", "How long one check may take."),
            Key("rise", "number", "Checks in a row that make an instance healthy."),
            Key("fall", "number", "Failed checks in a row that make it unhealthy."),
        ])
    static let stop = Section(
        path: "run.stop", keys: [Key("grace", "duration", "From the image's stop signal until SIGKILL.")])
    static let resources = Section(
        path: "run.resources",
        keys: [
            Key("memory", "size", "Memory of an instance; beyond it the kernel ends it."),
            Key("cpu", "number", "Processors, such as `0.5`."),
            Key("processes", "number", "Processes and threads."),
        ])
    static let environment = Section(
        path: "environments.*",
        keys: [
            Key("after", "environment", "The environment in which a rollout of the digest must have succeeded first."),
            Key(
                "approval", "`required`, `none` or section",
                "Whether another person must agree. A section requires it. See [promotion](promotion.md)."),
            Key("evidence", "section", "How old what a promotion relies on may be."),
            Key(
                "signatures", "section or list",
                "What keys must have signed of an image before it is promoted here, and again before each start of an instance."),
            Key("freeze", "list", "When nothing new is deployed. Rollouts that run go on, and rollbacks are never stopped."),
            Key("instances", "number", "How many instances serve."),
            Key("host", "host name", "The name by which the router finds it; `<environment>.<service>.localhost` if left out."),
            Key("configuration", "values", "A value for each name in `run.configuration`; environment variables of the instances."),
            Key(
                "secrets", "places",
                "For each name in `run.secrets`, where its value is: a file on the daemon's machine, or a section. See [secrets](secrets.md)."),
            Key("secrets-refresh", "duration", "How often the sources of secrets are asked for new values."),
            Key(
                "secrets-rotation", "`roll` or `manual`",
                "Whether a new value is rolled out by itself, with the image that serves, or waits for `ingot secret refresh` or the next deployment."
            ),
            Key(
                "strategy", "word or section",
                "How traffic moves: `blue-green`, `recreate`, `rolling` or `canary`; `rolling:` and `canary:` may have settings below them."),
            Key("analysis", "section", "What a release must show under traffic, whatever the strategy. See [analysis](analysis.md)."),
            Key("hooks", "list", "What runs at points of a rollout; where one fails, the rollout goes back."),
            Key("soak", "duration", "How long the new release is watched under traffic; of a canary, at each step."),
            Key("progress-deadline", "duration", "How long a rollout may take until traffic has moved; then it goes back by itself."),
            Key("drain", "duration", "How long requests of the old release may take to end."),
            Key("stream-drain", "duration", "The same for WebSockets and event streams, which are closed evenly over this time."),
            Key("warm", "duration", "How long the old release is kept running without traffic."),
            Key("maximum-age", "duration or `off`", "When instances are replaced for their age. *Read and checked, not enforced by this version.*"),
        ])
    static let secret = Section(
        path: "environments.*.secrets.*",
        keys: [
            Key("encrypted", "path", "The file of `ingot secret encrypt`, relative to the folder of `ingot.yaml`. One of this, `vault` and `aws`."),
            Key("vault", "path", "A path in OpenBao or Vault, as `bao kv get` takes it: the mount of a key-value engine version 2 comes first."),
            Key("mount", "path", "The mount, where it has a `/` in it; `vault` is then what comes behind it."),
            Key("aws", "text", "The name or ARN of a secret in AWS Secrets Manager."),
            Key("field", "text", "The field with the value. Required for `vault`; of `aws` a key of its JSON, the whole text if left out."),
            Key("stage", "text", "The version of an `aws` secret, by its staging label; `AWSCURRENT` if left out."),
            Key("source", "name", "Which of the daemon's sources is asked; the one called `vault` or `aws` if left out."),
        ])
    static let rolling = Section(
        path: "environments.*.strategy.rolling",
        keys: [
            Key("surge", "number or share", "How many instances there may be beyond `instances`; a share is rounded up."),
            Key("unavailable", "number or share", "How many of `instances` may be missing; a share is rounded down."),
        ])
    static let canary = Section(
        path: "environments.*.strategy.canary",
        keys: [
            Key("steps", "list", "Growing shares of the traffic, each alone or with its settings. `100%` comes behind them where it is left out."),
            Key("soak", "duration", "The environment's `soak`, written here."),
            Key("analysis", "section", "The environment's `analysis`, written here. A canary that gives neither is judged by the defaults."),
            Key("testers", "section", "Whose requests go to the new release whatever its share is."),
            Key("sticky", "`true` or `false`", "Whether a visitor stays on one release, by a cookie."),
        ])
    static let step = Section(
        path: "environments.*.strategy.canary.steps[]",
        keys: [
            Key("share", "share", "**Required.** The new release's share of the traffic."),
            Key("soak", "duration", "How long this step is watched; the environment's `soak` if left out."),
            Key("wait", "`promotion`", "After that, the step waits for `ingot rollout promote`."),
        ])
    static let testers = Section(
        path: "environments.*.strategy.canary.testers",
        keys: [
            Key("header", "name", "The request header that marks a tester. Either this or `cookie`."),
            Key("cookie", "name", "The cookie that marks a tester."),
            Key("value", "text", "**Required.** The value that it has."),
        ])
    static let analysis = Section(
        path: "environments.*.analysis",
        keys: [
            Key("errors", "share or `off`", "At most this share of the requests may fail (5xx, or no answer).")
        ] + latencies.map { Key($0.key, "duration", $0.meaning) } + [
            Key("baseline", "share", "At most so many more may fail than of a stable instance over the same time; not compared if left out."),
            Key("requests", "number", "How many requests a verdict of good takes. While there are fewer, probes are sent."),
            Key("false-alarm", "share", "The chance that a release which keeps its bounds is ever called bad, over the whole rollout."),
            Key("metrics", "list", "Numbers from elsewhere that must stay within bounds."),
        ])
    /// The percentiles that may have a bound.
    static let latencies: [(key: String, percentile: BasisPoints, meaning: String)] = [
        ("latency-p50", BasisPoints(5_000), "Half of the answers must come within it."),
        ("latency-p75", BasisPoints(7_500), "Three quarters of the answers must."),
        ("latency-p90", BasisPoints(9_000), "90% of the answers must."),
        ("latency-p95", BasisPoints(9_500), "95% of the answers must."),
        ("latency-p99", BasisPoints(9_900), "99% of the answers must."),
        ("latency-p99.9", BasisPoints(9_990), "99.9% of the answers must."),
    ]
    static let metric = Section(
        path: "environments.*.analysis.metrics[]",
        keys: [
            Key("name", "name", "**Required.** How it is called in verdicts and messages."),
            Key(
                "prometheus", "address",
                "A Prometheus server, such as `http://127.0.0.1:9090`; `query` is asked of it. Either this, `http` or `run`."),
            Key(
                "query", "text",
                "A query that gives one number; `{{service}}`, `{{environment}}` and `{{release}}` are filled in. Belongs to `prometheus`."),
            Key("http", "address", "Asked with GET: any status but 200 to 299 is bad, and the last line of the body is the number."),
            Key(
                "run", "list",
                "A command on the daemon's machine: any exit code but 0 is bad, and the last line that it prints is the number."),
            Key("least", "number", "A smaller one is bad."),
            Key("most", "number", "A larger one is bad."),
            Key("interval", "duration", "Between two measurements."),
            Key("deadline", "duration", "How long one measurement may take."),
            Key("bad", "number", "How many bad measurements in a row are a failure."),
            Key("errors", "number", "How many measurements in a row that gave nothing pause the rollout."),
        ])
    static let hook = Section(
        path: "environments.*.hooks[]",
        keys: [
            Key("name", "name", "**Required.** How it is called in messages."),
            Key(
                "at", "word",
                "**Required.** `before` anything changes; `ready`: the new fleet is healthy and has no traffic yet, one of its instances is at "
                    + "`INGOT_URL`; `step`: after each step; `after` the rollout has succeeded, where a failure is told and changes nothing."),
            Key(
                "run", "list",
                "A command on the daemon's machine, with `INGOT_SERVICE`, `INGOT_ENVIRONMENT`, `INGOT_RELEASE`, `INGOT_IMAGE`, `INGOT_ROLLOUT`, `INGOT_STEP` and `INGOT_POINT` set; "
                    + "exit code 0 is good. Either this or `http`."),
            Key("http", "address", "The rollout is sent there as JSON, with POST; 200 to 299 is good."),
            Key("deadline", "duration", "After this time it has failed, and its processes are killed."),
        ])

    /// Those that the reference page lists, in its order.
    static let documented = [
        root, image, test, need, gates, size, vulnerabilities, exception, secrets, secretException, lint, ignoredRule, run, readiness, stop,
        resources, environment, secret, approval, evidence, signature, freeze, rolling, canary, step, testers, analysis, metric, hook,
    ]
}
