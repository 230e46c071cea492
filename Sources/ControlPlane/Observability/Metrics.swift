import API
import Engine
import IngotModel

extension Desk {
    /// The metrics of this moment. They are gathered when they are asked for, so nothing has to be kept for them.
    func metrics() async throws -> String {
        var text = PrometheusText()
        addProcess(to: &text)
        try await addEnvironments(to: &text)
        try await addSecrets(to: &text)
        return text.text
    }

    private func addProcess(to text: inout PrometheusText) {
        let process = ProcessStatistics.current()
        text.add("ingot_build_info", .gauge, "The version of the daemon.", [([("version", version)], 1)])
        text.add(
            "ingot_api_requests_total", .counter, "Requests that the API answered, by status.",
            answers.byStatus.sorted { $0.key < $1.key }.map { ([("status", "\($0.key)")], Double($0.value)) })
        text.add(
            "process_start_time_seconds", .gauge, "When the daemon started, since 1970.", [([], Double(startedAt.millisecondsSince1970) / 1_000)])
        text.add("process_cpu_seconds_total", .counter, "Processor time of the daemon.", [([], process.processorSeconds)])
        text.add("process_resident_memory_bytes", .gauge, "Memory of the daemon.", process.residentBytes.map { [([], $0)] } ?? [])
        text.add("process_open_fds", .gauge, "Open files of the daemon.", process.openFiles.map { [([], $0)] } ?? [])
    }

    private typealias Samples = [(labels: [(String, String)], value: Double)]

    private func addEnvironments(to text: inout PrometheusText) async throws {
        var requests: Samples = [], retried: Samples = [], closed: Samples = []
        var gates: Samples = []
        var healthy: Samples = [], inFlight: Samples = [], rollouts: Samples = [], failures: Samples = []
        for controller in controllers.list {
            let id = controller.environment
            let labels = [("service", id.service.name), ("environment", id.environment.name)]
            let status = await controller.status
            if let serving = status.serving {
                gates += try await store.verdicts(on: serving.image, of: id.service).map {
                    (labels + [("release", "\(serving.number)"), ("gate", $0.gate.rawValue)], Double($0.passes ? 1 : 0))
                }
            }
            for fleet in status.fleets {
                let labels = labels + [("release", "\(fleet.release)")]
                healthy.append((labels, Double(fleet.healthy)))
                inFlight.append((labels, Double(fleet.requestsInFlight)))
                failures.append((labels, Double(fleet.failures)))
            }
            // A router that can't be asked leaves its counts out; the rest is told all the same.
            for traffic in (try? await parts.router.traffic(of: id)) ?? [] {
                let labels = labels + [("release", "\(traffic.release)")]
                requests += Self.samples(of: traffic.served, labels)
                retried.append((labels, Double(traffic.served.retried)))
                closed.append((labels, Double(traffic.served.streamsClosed)))
            }
            rollouts += try await store.rolloutResults(of: id).sorted { $0.key < $1.key }.map { (labels + [("result", $0.key)], Double($0.value)) }
        }
        text.add("ingot_requests_total", .counter, "Requests by release and class of status; 'unanswered' had no answer, 'cut' were ended.", requests)
        text.add("ingot_requests_retried_total", .counter, "Requests that were sent again to another instance; each is counted above too.", retried)
        text.add("ingot_streams_closed_total", .counter, "Streams that were closed because the time to drain them had passed.", closed)
        text.add("ingot_gate_passes", .gauge, "Whether a gate lets the image that serves through, as of its last look.", gates)
        text.add("ingot_healthy_instances", .gauge, "Instances that the router has seen healthy.", healthy)
        text.add("ingot_requests_in_flight", .gauge, "Requests that the router waits for.", inFlight)
        text.add("ingot_instance_failures", .gauge, "Instances that ended by themselves, since their fleet was made.", failures)
        text.add("ingot_rollouts_total", .counter, "Rollouts that ended, by result.", rollouts)
    }

    private static func samples(of served: TrafficCount, _ labels: [(String, String)]) -> Samples {
        [
            ("1xx", served.informational), ("2xx", served.successful), ("3xx", served.redirected), ("4xx", served.clientErrors),
            ("5xx", served.serverErrors), ("unanswered", served.unanswered), ("cut", served.cut),
        ].map { (labels + [("class", $0.0)], Double($0.1)) }
    }
}
