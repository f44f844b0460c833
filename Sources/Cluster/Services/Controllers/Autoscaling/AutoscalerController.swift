import Client
import ContractAutoscaler
import ControllerRules
import JSON
import Objects

/// Resizes each HorizontalPodAutoscaler's target by what its pods use. Part 17 decides; this measures and writes.
///
/// Driven by time, not by changes: load makes no event.
public actor AutoscalerController {
    /// What the flags say.
    public struct Settings: Sendable {
        /// How often each target is looked at.
        public var syncPeriodSeconds: Int
        /// For how long a shrink waits, where the object does not say.
        public var downscaleStabilisationSeconds: Int

        public init(syncPeriodSeconds: Int = 15, downscaleStabilisationSeconds: Int = 300) {
            self.syncPeriodSeconds = syncPeriodSeconds
            self.downscaleStabilisationSeconds = downscaleStabilisationSeconds
        }
    }

    private let shell: ControllerShell
    private let part: PartCalls<any AutoscalerContract>
    private let settings: Settings
    private let autoscalers: Informer<HorizontalPodAutoscaler>
    private var memories: [String: AutoscalerMemory] = [:]

    public init(
        client: APIClient, part: PartCalls<any AutoscalerContract>, settings: Settings,
        time: any TimeSource = MachineTime()
    ) {
        shell = ControllerShell(client: client, name: "horizontal-pod-autoscaler", time: time)
        (self.part, self.settings) = (part, settings)
        autoscalers = shell.informer()
    }

    /// Works until cancelled.
    public func run() async throws {
        await autoscalers.onChange { await self.changed($0) }
        try await shell.run([autoscalers]) { try await self.sync($0) }
    }

    /// Our own writes of the status are no reason to look again.
    private func changed(_ change: CacheChange<HorizontalPodAutoscaler>) async {
        if case .updated(let old, let new) = change, old.spec == new.spec { return }
        await shell.queue.add(change.key)
    }

    private func sync(_ key: String) async throws {
        guard let autoscaler = await autoscalers.get(key: key) else {
            memories[key] = nil
            return
        }
        await shell.queue.add(key, afterMilliseconds: settings.syncPeriodSeconds * 1000)
        let path = scalePath(
            autoscaler.spec.scaleTargetRef, namespace: autoscaler.metadata.namespace)
        let scale: JSON
        do { scale = try await shell.client.raw("GET", path) } catch let error as APIError {
            shell.events.record(autoscaler, .warning, reason: "FailedGetScale", error.message)
            return try await writeUnable(autoscaler, error)
        }
        let view = try await look(at: autoscaler, scale: scale)
        let plan = try await part.ask { try $0.plan(view) }
        // A recommendation was made, whether or not it can be carried out; a change only if it was.
        memories[key, default: .init()].recommendations = plan.recommendations
        let rescaled = plan.replicas != view.current
        if rescaled {
            try await resize(autoscaler, path, plan)
            memories[key]?.changes = plan.changes
        }
        warn(autoscaler, plan)
        let status = autoscalerStatus(
            plan, view: view, of: autoscaler, rescaled: rescaled, now: shell.time.now)
        try await write(status, of: autoscaler)
    }

    private func look(
        at autoscaler: HorizontalPodAutoscaler, scale: JSON
    ) async throws -> AutoscalerView {
        let namespace = autoscaler.metadata.namespace
        let selector = scale.at("status", "selector")?.string
        let pods = try await shell.client.list(
            Pod.self, namespace: namespace, labelSelector: selector
        ).items
        let measured = await metrics(namespace: namespace, selector: selector)
        let memory = memories[autoscaler.key] ?? AutoscalerMemory()
        var down = ContractAutoscaler.ScalingRules.defaultDown
        down.windowSeconds = settings.downscaleStabilisationSeconds
        let spec = autoscaler.spec
        return AutoscalerView(
            minReplicas: bounded(spec.minReplicas ?? 1), maxReplicas: bounded(spec.maxReplicas),
            current: bounded(scale.at("spec", "replicas")?.int ?? 0),
            metrics: (spec.metrics ?? []).map {
                MetricFacts($0, pods: pods, measured: measured)
            },
            up: ContractAutoscaler.ScalingRules(spec.behavior?.scaleUp, defaults: .defaultUp),
            down: ContractAutoscaler.ScalingRules(spec.behavior?.scaleDown, defaults: down),
            recommendations: memory.recommendations, changes: memory.changes,
            now: shell.time.now.seconds)
    }

    /// By pod name. Without the metrics API no pod is measured, and the part knows what to do then.
    private func metrics(namespace: String?, selector: String?) async -> [String: PodMetrics] {
        do {
            let items = try await shell.client.list(
                PodMetrics.self, namespace: namespace, labelSelector: selector
            ).items
            return Dictionary(items.map { ($0.metadata.name, $0) }) { $1 }
        } catch {
            shell.logger.debug("metrics: \(error)")
            return [:]
        }
    }

    private func resize(
        _ autoscaler: HorizontalPodAutoscaler, _ path: String, _ plan: AutoscalerPlan
    ) async throws {
        do {
            _ = try await shell.client.raw(
                "PATCH", path, body: ["spec": ["replicas": JSON(plan.replicas)]],
                contentType: PatchKind.merge.rawValue)
        } catch {
            shell.events.record(
                autoscaler, .warning, reason: "FailedRescale",
                "New size: \(plan.replicas); reason: \(plan.reason); error: \(error)")
            throw error
        }
        shell.events.record(
            autoscaler, reason: "SuccessfulRescale",
            "New size: \(plan.replicas); reason: \(plan.reason)")
    }

    private func warn(_ autoscaler: HorizontalPodAutoscaler, _ plan: AutoscalerPlan) {
        let active = plan.conditions.first { $0.type == "ScalingActive" }
        if let active, active.status == "False", active.reason.hasPrefix("Failed") {
            shell.events.record(autoscaler, .warning, reason: active.reason, active.message)
        }
    }

    private func writeUnable(_ autoscaler: HorizontalPodAutoscaler, _ error: APIError) async throws
    {
        var status = autoscaler.status ?? HorizontalPodAutoscalerStatus()
        let condition = Condition(
            type: "AbleToScale", status: "False", reason: "FailedGetScale",
            message: "the HPA controller was unable to get the target's current scale: "
                + error.message)
        let old = status.conditions ?? []
        status.conditions =
            transitions([condition], from: old, now: shell.time.now)
            + old.filter { $0.type != condition.type }
        try await write(status, of: autoscaler)
    }

    private func write(
        _ status: HorizontalPodAutoscalerStatus, of autoscaler: HorizontalPodAutoscaler
    ) async throws {
        guard status != autoscaler.status else { return }
        do {
            let written = try await shell.client.patch(
                HorizontalPodAutoscaler.self, namespace: autoscaler.metadata.namespace,
                name: autoscaler.metadata.name, subresource: "status",
                try statusPatch(from: autoscaler.status, to: status, resourceVersion: nil))
            await autoscalers.learn(written)
        } catch let error as APIError where error.isNotFound {}
    }
}
