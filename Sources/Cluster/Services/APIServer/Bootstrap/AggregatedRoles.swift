import ContractAdmission
import JSON
import Kinds

/// Cluster roles whose rules are those of others, chosen by labels: `aggregationRule`. The rules
/// are written into the role, so that whoever reads it sees them.
///
/// Source: kubernetes.io/docs/reference/access-authn-authz/rbac, "Aggregated ClusterRoles".
enum AggregatedRoles {
    /// The roles whose rules have to change, by key.
    static func changed(_ roles: [(key: String, role: JSON)]) -> [(key: String, role: JSON)] {
        roles.compactMap { key, role in
            guard let selectors = role.at("aggregationRule", "clusterRoleSelectors")?.array else {
                return nil
            }
            let queries = selectors.map { LabelQuery(selector: $0) }
            var rules: [JSON] = []
            for other in roles
            where other.key != key && queries.contains(where: { $0.matches(other.role) }) {
                for rule in other.role["rules"]?.array ?? [] where !rules.contains(rule) {
                    rules.append(rule)
                }
            }
            guard (role["rules"]?.array ?? []) != rules else { return nil }
            var changed = role
            changed["rules"] = .array(rules)
            return (key, changed)
        }
    }
}

extension API {
    /// Writes aggregated roles anew where what they are made of changed.
    func aggregateRoles() async throws {
        let entries = hub.read {
            Array($0.entries("clusterroles", prefix: "/registry/clusterroles/"))
        }
        let revisions = Dictionary(
            entries.map { ($0.key, $0.revision) }, uniquingKeysWith: { first, _ in first })
        let roles = try entries.map { ($0.key, try JSON(parsing: $0.bytes)) }
        for (key, role) in AggregatedRoles.changed(roles) {
            // A write that comes too late is refused; the next look sees why.
            _ = try await store.write(key, role.stored, ifRevision: revisions[key] ?? 0)
        }
    }
}
