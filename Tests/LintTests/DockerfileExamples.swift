import ImageBuild
import Testing

@testable import Lint

/// A Dockerfile that breaks a rule, and one that does the same and keeps it.
struct DockerfileExample: Sendable, CustomTestStringConvertible {
    let rule: String
    let bad: String
    let good: String
    var context: [String: String] = [:]
    var hasIgnoreFile: Bool?

    init(_ rule: String, bad: String, good: String, context: [String: String] = [:], hasIgnoreFile: Bool? = nil) {
        self.rule = rule
        self.bad = bad
        self.good = good
        self.context = context
        self.hasIgnoreFile = hasIgnoreFile
    }

    var testDescription: String { rule }

    func findings(_ text: String, hasIgnoreFile: Bool? = nil) throws -> [LintFinding] {
        var subject = DockerfileSubject(try DockerfileParser.parse(text, file: "Dockerfile"))
        subject.hasIgnoreFile = hasIgnoreFile
        let context = context
        subject.contextFile = { context[$0] }
        subject.environments = ["canary-lane"]
        return subject.findings()
    }

    private static let run = "FROM debian:12\nRUN "
    private static func run(_ rule: String, bad: String, good: String) -> DockerfileExample {
        DockerfileExample(rule, bad: run + bad, good: run + good)
    }

    static let all: [DockerfileExample] = [
        DockerfileExample("ING-D001", bad: "FROM debian", good: "FROM debian:12"),
        DockerfileExample("ING-D001", bad: "ARG TAG=latest\nFROM debian:$TAG", good: "FROM debian:12 AS latest\nFROM latest"),
        DockerfileExample(
            "ING-D001", bad: "FROM debian:12\nCOPY --from=registry:5000/tools /t /t", good: "ARG BASE\nFROM $BASE\nCOPY --from=0 /a /b"),
        DockerfileExample("ING-D002", bad: "FROM debian:12", good: "FROM debian:12@sha256:\(String(repeating: "a", count: 64))"),
        run("ING-D003", bad: "apt-get install -y curl", good: "apt-get update && apt-get install -y curl"),
        run("ING-D003", bad: "bash -c 'apt-get install -y curl && apt-get update'", good: "apt-get install -y ./local.deb"),
        run("ING-D004", bad: "apt-get update && apt-get install -y curl", good: "apt-get update && apt-get install -y --no-install-recommends curl"),
        run("ING-D004", bad: "apt install curl", good: "apt-get install -o APT::Install-Recommends=false curl"),
        run(
            "ING-D005", bad: "apt-get update && apt-get install -y curl",
            good: "apt-get update && apt-get install -y curl && rm -rf /var/lib/apt/lists/*"),
        run("ING-D005", bad: "apk add curl", good: "apk add --no-cache curl"),
        run("ING-D005", bad: "dnf install -y curl", good: "dnf install -y curl && dnf clean all"),
        run(
            "ING-D005", bad: "--mount=type=cache,target=/root/.cache apt-get update",
            good: "--mount=type=cache,target=/var/lib/apt --mount=type=cache,target=/var/cache/apt apt-get update"),
        run("ING-D006", bad: "apt-get update && apt-get -y upgrade", good: "apt-get update && apt-get install -y curl"),
        run("ING-D007", bad: "pip install -r requirements.txt", good: "pip install --no-cache-dir -r requirements.txt"),
        run("ING-D007", bad: "npm ci", good: "--mount=type=cache,target=/root/.npm npm ci"),
        DockerfileExample(
            "ING-D007", bad: "FROM debian:12\nRUN python3 -m pip install flask==3",
            good: "FROM debian:12\nENV PIP_NO_CACHE_DIR=1\nRUN pip install flask==3"),
        run("ING-D008", bad: "pip install flask", good: "pip install flask==3.0.3 --no-cache-dir"),
        run("ING-D008", bad: "npm install -g yarn", good: "npm ci"),
        run("ING-D008", bad: "npm install", good: "pip install -r requirements.txt ."),
        run("ING-D008", bad: "go install example.com/tool@latest", good: "go install example.com/tool@v1.2.3"),
        run("ING-D008", bad: "cargo install ripgrep", good: "cargo install ripgrep --locked --version 14.1.0"),
        run(
            "ING-D009", bad: "git clone https://example.com/a.git",
            good: "git clone https://example.com/a.git && git -C a checkout "
                + "1234567890abcdef"),
        DockerfileExample(
            "ING-D010", bad: "FROM scratch\nADD https://example.com/a.tar.gz /",
            good: "FROM scratch\nADD --checksum=sha256:\(String(repeating: "a", count: 64)) https://example.com/a.tar.gz /"),
        DockerfileExample(
            "ING-D010", bad: "FROM scratch\nADD https://example.com/a.git#main /a",
            good: "FROM scratch\nADD https://example.com/a.git#\(String(repeating: "a", count: 40)) /a"),
        run(
            "ING-D011", bad: "curl -fsSL https://example.com/install.sh | sudo -E bash -",
            good: "curl -fsSLO https://example.com/install.sh && echo \"$SUM  install.sh\" | sha256sum -c && sh install.sh"),
        run("ING-D011", bad: "bash -c \"$(curl -fsSL https://example.com/install.sh)\"", good: "curl https://example.com/a.json | jq .version"),
        run(
            "ING-D012", bad: "curl -o /usr/bin/tool https://example.com/tool",
            good: "curl -o tool https://example.com/tool && echo \"abc  tool\" | sha256sum -c -"),
        run(
            "ING-D012", bad: "wget https://example.com/tool.tgz",
            good: "curl -fsSL https://example.com/key.asc | gpg --dearmor -o /usr/share/keyrings/example.gpg"),
        run("ING-D012", bad: "wget -q https://example.com/a && chmod +x a", good: "curl -f http://localhost:8080/healthz"),
        run("ING-D013", bad: "curl -fsSLk https://example.com/a -o a", good: "curl -fsSL https://example.com/a -o a"),
        run("ING-D013", bad: "git -c http.sslVerify=false clone https://example.com/a", good: "git clone https://example.com/a"),
        run("ING-D013", bad: "apt-get install --allow-unauthenticated x", good: "apt-get install x"),
        DockerfileExample("ING-D014", bad: "FROM scratch\nCOPY .env /app/", good: "FROM scratch\nCOPY .env.example /app/"),
        DockerfileExample(
            "ING-D014", bad: "FROM debian:12\nCOPY deploy/.ssh/id_rsa /root/.ssh/", good: "FROM debian:12\nRUN --mount=type=ssh git fetch origin"),
        DockerfileExample(
            "ING-D015", bad: "FROM debian:12\nUSER app\nRUN true\nUSER root", good: "FROM debian:12\nUSER root\nRUN true\nUSER 10001:10001"),
        DockerfileExample("ING-D015", bad: "FROM scratch\nCOPY a /a", good: "FROM gcr.io/distroless/static:nonroot\nCOPY a /a"),
        DockerfileExample(
            "ING-D016", bad: "FROM debian:12\nRUN apt-get install -y openssh-server", good: "FROM debian:12\nRUN apt-get install -y openssh-client"),
        DockerfileExample("ING-D016", bad: "FROM debian:12\nEXPOSE 22", good: "FROM debian:12\nEXPOSE 8022"),
        run("ING-D017", bad: "chmod -R 777 /app", good: "chmod 1777 /scratch && chmod 0755 /app"),
        run("ING-D017", bad: "chmod u+s /usr/bin/tool", good: "chmod a+r,u+w /usr/bin/tool"),
        DockerfileExample("ING-D017", bad: "FROM scratch\nCOPY --chmod=4755 a /a", good: "FROM scratch\nCOPY --chmod=755 a /a"),
        run("ING-D018", bad: "--network=host make", good: "--network=none make"),
        DockerfileExample(
            "ING-D019", bad: "FROM debian:12\nENTRYPOINT [\"sh\", \"-c\", \"sleep 1; server --port $PORT\"]",
            good: "FROM debian:12\nENTRYPOINT [\"sh\", \"-c\", \"sleep 1; exec server --port $PORT\"]"),
        DockerfileExample("ING-D019", bad: "FROM node:20\nCMD [\"npm\", \"start\"]", good: "FROM node:20\nCMD [\"node\", \"server.js\"]"),
        DockerfileExample(
            "ING-D020", bad: "FROM debian:12\nCMD apt-get update && apt-get install -y tool && exec tool", good: "FROM debian:12\nCMD exec tool"),
        DockerfileExample(
            "ING-D020", bad: "FROM debian:12\nWORKDIR /app\nCOPY bin/start.sh ./\nENTRYPOINT [\"./start.sh\"]",
            good: "FROM debian:12\nWORKDIR /app\nCOPY bin/other.sh ./\nENTRYPOINT [\"./other.sh\"]",
            context: [
                "bin/start.sh": "#!/bin/sh\nset -e\npip install -r requirements.txt\nexec python3 app.py\n",
                "bin/other.sh": "#!/bin/sh\ncurl -f http://localhost:8080/\nexec python3 app.py\n",
            ]),
        DockerfileExample(
            "ING-D020", bad: "FROM debian:12\nCOPY <<EOF /start.sh\n#!/bin/sh\ngit pull\nEOF\nCMD [\"sh\", \"/start.sh\"]",
            good: "FROM debian:12\nCOPY <<EOF /start.sh\n#!/bin/sh\nexec app\nEOF\nCMD [\"sh\", \"/start.sh\"]"),
        DockerfileExample(
            "ING-D021", bad: "FROM debian:12\nCMD [\"supervisord\", \"-n\"]", good: "FROM debian:12\nCMD [\"nginx\", \"-g\", \"daemon off;\"]"),
        DockerfileExample("ING-D022", bad: "FROM scratch\nCOPY app /app", good: "FROM scratch\nCOPY app /app\nENTRYPOINT [\"/app\"]"),
        DockerfileExample("ING-D023", bad: "FROM debian:12\nSTOPSIGNAL SIGKILL", good: "FROM debian:12\nSTOPSIGNAL SIGQUIT"),
        DockerfileExample("ING-D024", bad: "FROM scratch\nCOPY . /app", good: "FROM scratch\nCOPY src /app", hasIgnoreFile: false),
        DockerfileExample(
            "ING-D025", bad: "FROM debian:12\nWORKDIR /app\nCOPY src ./\nRUN chown -R app:app /app",
            good: "FROM debian:12\nWORKDIR /app\nCOPY --chown=app:app src ./\nRUN mkdir /data && chown -R app:app /data"),
        DockerfileExample(
            "ING-D026", bad: "FROM debian:12\nRUN apt-get update && apt-get install -y gcc make",
            good: "FROM debian:12 AS build\nRUN apt-get update && apt-get install -y gcc make\nFROM debian:12\nCOPY --from=build /app /app"),
        DockerfileExample(
            "ING-D026", bad: "FROM golang:1.23\nRUN go build -o /app .",
            good: "FROM alpine:3.20\nRUN apk add --no-cache --virtual .build gcc && make && apk del .build"),
        DockerfileExample("ING-D027", bad: "FROM debian:12\nVOLUME /var/lib/app", good: "FROM debian:12 AS data\nVOLUME /data\nFROM debian:12"),
        DockerfileExample("ING-D028", bad: "FROM debian:12\nENV APP_ENV=\"production\"", good: "FROM debian:12\nENV NODE_ENV=production"),
        DockerfileExample("ING-D028", bad: "FROM debian:12\nENV STAGE=canary-lane", good: "FROM debian:12\nENV STAGE=blue"),
        DockerfileExample(
            "ING-D029", bad: "FROM debian:12\nCOPY config/production.yml /etc/app.yml", good: "FROM debian:12\nCOPY config/app.yml /etc/app.yml"),
        DockerfileExample(
            "ING-D029", bad: "FROM debian:12\nCOPY .env.staging /app/", good: "FROM debian:12\nCOPY requirements-dev.txt stage.py /app/"),
    ]

    /// One of each of BuildKit's checks; what else they find and do not find is tested where they are.
    static let checks: [DockerfileExample] = [
        DockerfileExample("ING-D100", bad: "FROM debian:12\nCMD ['a', 'b']", good: "FROM debian:12\nCMD [\"a\", \"b\"]"),
        DockerfileExample("ING-D101", bad: "FROM debian:12 AS Build", good: "FROM debian:12 AS build"),
        DockerfileExample("ING-D102", bad: "FROM debian:12 as build", good: "FROM debian:12 AS build"),
        DockerfileExample("ING-D103", bad: "FROM debian:12 AS a\nFROM debian:12 AS a", good: "FROM debian:12 AS a\nFROM debian:12 AS b"),
        DockerfileExample("ING-D104", bad: "FROM debian:12 AS context", good: "FROM debian:12 AS build"),
        DockerfileExample("ING-D105", bad: "FROM debian:12\nRUN a \\\n\n  b", good: "FROM debian:12\nRUN a \\\n  b"),
        DockerfileExample("ING-D106", bad: "FROM debian:12\nRUN a\nrun b", good: "FROM debian:12\nRUN a\nRUN b"),
        DockerfileExample(
            "ING-D107", bad: "# check=experimental=all\n\n# the version\nARG A=1\nFROM debian:$A",
            good: "# check=experimental=all\n\n# A is the version\nARG A=1\nFROM debian:$A"),
        DockerfileExample("ING-D108", bad: "FROM debian:$VERSION", good: "ARG VERSION=12\nFROM debian:$VERSION"),
        DockerfileExample("ING-D109", bad: "ARG VERSION\nFROM debian:$VERSION", good: "ARG VERSION=12\nFROM debian:$VERSION"),
        DockerfileExample("ING-D110", bad: "FROM --platform=$TARGETPLATFORM debian:12", good: "FROM --platform=$BUILDPLATFORM debian:12"),
        DockerfileExample("ING-D111", bad: "FROM --platform=linux/amd64 debian:12", good: "FROM --platform=linux/amd64 debian:12 AS amd64"),
        DockerfileExample("ING-D112", bad: "FROM debian:12\nCMD server --port 80", good: "FROM debian:12\nCMD [\"server\", \"--port\", \"80\"]"),
        DockerfileExample("ING-D113", bad: "FROM debian:12\nMAINTAINER me", good: "FROM debian:12\nLABEL org.opencontainers.image.authors=me"),
        DockerfileExample("ING-D114", bad: "FROM debian:12\nWORKDIR app", good: "FROM debian:12\nWORKDIR /app"),
        DockerfileExample("ING-D115", bad: "FROM debian:12\nCMD [\"a\"]\nCMD [\"b\"]", good: "FROM debian:12\nCMD [\"b\"]"),
        DockerfileExample("ING-D116", bad: "FROM debian:12\nENV A b", good: "FROM debian:12\nENV A=b"),
        DockerfileExample("ING-D117", bad: "FROM debian:12\nENV API_TOKEN=x", good: "FROM debian:12\nENV API_TOKEN_FILE=/run/secrets/token"),
        DockerfileExample("ING-D118", bad: "FROM debian:12\nEXPOSE 80/TCP", good: "FROM debian:12\nEXPOSE 80/tcp"),
        DockerfileExample("ING-D119", bad: "FROM debian:12\nEXPOSE 8080:80", good: "FROM debian:12\nEXPOSE 80"),
        DockerfileExample("ING-D120", bad: "FROM scratch\nCOPY $foo .", good: "FROM scratch\nARG foo\nCOPY $foo ."),
    ]
}
