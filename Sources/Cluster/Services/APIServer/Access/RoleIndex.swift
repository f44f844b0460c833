import ContractAdmission
import JSON

/// Roles and bindings, ready to be asked.
struct RoleIndex: Sendable {
    struct Binding: Sendable {
        /// "" for a binding that holds everywhere.
        var namespace: String
        var subjects: [SubjectFacts]
        var rules: [RuleFacts]
    }

    private(set) var bindings: [Binding] = []

    typealias Entries = [WatchCache.Entry]

    init(clusterRoles: Entries, clusterBindings: Entries, roles: Entries, bindings: Entries) throws
    {
        var rules: [[UInt8]: [RuleFacts]] = [:]
        for entry in clusterRoles + roles {
            let role = try JSON(parsing: entry.bytes)
            rules[Self.roleKey(role.namespace, role.name)] =
                role["rules"].flatMap { try? $0.decode() } ?? []
        }
        for entry in clusterBindings + bindings {
            let binding = try JSON(parsing: entry.bytes)
            let isCluster = binding.at("roleRef", "kind") == "ClusterRole"
            let role = Self.roleKey(
                isCluster ? "" : binding.namespace, binding.at("roleRef", "name")?.string ?? "")
            self.bindings.append(
                Binding(
                    namespace: binding.namespace,
                    subjects: binding["subjects"].flatMap { try? $0.decode() } ?? [],
                    rules: rules[role] ?? []))
        }
    }

    /// As bytes: names of roles may be any text.
    private static func roleKey(_ namespace: String, _ name: String) -> [UInt8] {
        Array("\(namespace)/\(name)".utf8)
    }

    func grants(
        _ user: UserFacts, namespace: String, _ admission: any AdmissionContract
    ) throws -> [RuleFacts] {
        var rules: [RuleFacts] = []
        for binding in bindings where binding.namespace.isEmpty || binding.namespace == namespace {
            if try admission.isBound(user, to: binding.subjects) { rules += binding.rules }
        }
        return rules
    }
}
