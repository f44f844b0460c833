import JSON
import Objects

/// What has to be asked of the API server before a pod can start.
extension PodSpec {
    /// The names of all ConfigMaps and Secrets in volumes and environments, sorted. The cluster's
    /// authority is not among them: every node has it.
    public var mentioned: (configMaps: [String], secrets: [String]) {
        let variables = everyContainer.flatMap { $0.env ?? [] }
        let sets = everyContainer.flatMap { $0.envFrom ?? [] }
        let projections = (volumes ?? []).flatMap { $0.projected?.sources ?? [] }
        let maps =
            variables.compactMap { $0.valueFrom?.configMapKeyRef?.name }
            + sets.compactMap { $0.configMapRef?.name }
            + (volumes ?? []).compactMap { $0.configMap?.name }
            + projections.compactMap { $0.configMap?.name }
        let secrets =
            variables.compactMap { $0.valueFrom?.secretKeyRef?.name }
            + sets.compactMap { $0.secretRef?.name }
            + (volumes ?? []).compactMap { $0.secret?.secretName }
            + projections.compactMap { $0.secret?.name }
        return (
            Set(maps).subtracting([ServiceAccountVolume.authority]).sorted(), Set(secrets).sorted()
        )
    }

    public var tokens: [TokenRequest] {
        let sources = (volumes ?? []).flatMap { $0.projected?.sources ?? [] }
        return Array(Set(sources.compactMap(\.serviceAccountToken).map(TokenRequest.init)))
    }

    /// The names of the claims in volumes, sorted.
    public var claims: [String] { Set((volumes ?? []).compactMap(\.claim)).sorted() }
}

extension Volume {
    public var claim: String? { others["persistentVolumeClaim"]?["claimName"]?.string }
}

/// What became of a PersistentVolumeClaim.
public enum ClaimFacts: Hashable, Sendable {
    case missing
    case unbound
    /// Bound to a directory of the node.
    case directory(String)
    /// Bound to a volume of a kind that this node can't mount.
    case unsupported
}
