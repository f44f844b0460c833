import Client
import Linux
import Objects
import PodRuntime
import PodWork

/// Which probe of which run of a container.
struct ProberKey: Hashable {
    var kind: ProbeKind
    var containerID: String
}

/// One task for each probe of each running container.
extension PodWorker {
    /// Starts the probers that are missing and cancels those whose container is gone.
    func adjustProbers() {
        var wanted: [ProberKey: (Container, Probe)] = [:]
        for container in machine.allContainers {
            guard let current = machine.current(container.name), current.state == .running else {
                continue
            }
            for kind in ProbeKind.allCases {
                guard let probe = container.probe(kind) else { continue }
                // The others wait until the startup probe has succeeded; it is not asked again
                // after.
                if (kind == .startup) == machine.isStarted(container.name) { continue }
                wanted[ProberKey(kind: kind, containerID: current.id)] = (container, probe)
            }
        }
        for (key, task) in probers where wanted[key] == nil {
            task.cancel()
            probers[key] = nil
        }
        for (key, (container, probe)) in wanted where probers[key] == nil {
            probers[key] = Task { await self.keepAsking(key, container, probe) }
        }
    }

    private func keepAsking(_ key: ProberKey, _ container: Container, _ probe: Probe) async {
        let runner = ProbeRunner(
            runtime: services.runtime, container: container, containerID: key.containerID,
            podIP: machine.sandbox?.ip ?? services.configuration.nodeIP)
        let period = Deadline.clamped(seconds: max(1, probe.periodSeconds ?? 10)) * 1000
        do {
            if let delay = probe.initialDelaySeconds, delay > 0 {
                try await Task.sleep(for: .seconds(Deadline.clamped(seconds: delay)))
            } else if key.kind == .liveness {
                // A container that was started this moment is not dead because it does not listen
                // yet.
                try await Task.sleep(for: .milliseconds(min(period, 1000)))
            } else {
                try await beEager(runner, probe, period)
            }
            while true {
                let answer = try await runner.ask(probe)
                try Task.checkCancellation()
                take(answer, key, container.name)
                try await Task.sleep(for: .milliseconds(period))
            }
        } catch { return }
    }

    /// A program listens some milliseconds after its start, and a period later is late: until the
    /// first success the question is asked again after 10, 20, 40 … ms. A failure on the way counts
    /// for nothing.
    private func beEager(_ runner: ProbeRunner, _ probe: Probe, _ period: Int) async throws {
        var pause = 10
        while pause < min(period, 1000) {
            try await Task.sleep(for: .milliseconds(pause))
            if try await runner.ask(probe).succeeded { return }
            pause *= 2
        }
    }

    private func take(_ answer: ProbeAnswer, _ key: ProberKey, _ name: String) {
        if !answer.succeeded {
            services.tell(
                machine.pod, .warning, reason: "Unhealthy",
                "\(key.kind.rawValue) probe failed: \(answer.message)", container: name)
        }
        do {
            let changed = try machine.record(
                key.kind, of: name, containerID: key.containerID, answer: answer.succeeded)
            if changed { poke() }
        } catch { services.logger.error("\(machine.pod.key): \(error)") }
    }
}
