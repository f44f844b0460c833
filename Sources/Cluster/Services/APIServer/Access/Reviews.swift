import ContractAdmission
import HTTPServing
import JSON
import Kinds

/// Questions about access that are asked like objects are created, and answered at once.
extension API {
    func review(_ call: Call) async throws -> Response {
        var review = try call.kind.decode(
            call.request.body, contentType: call.request.header("content-type"), validation: .ignore
        ).object
        switch call.kind.kind {
        case "SelfSubjectAccessReview":
            review["status"] = try answer(review["spec"] ?? [:], call.user)
        case "SubjectAccessReview", "LocalSubjectAccessReview":
            let spec = review["spec"] ?? [:]
            let groups = (spec["groups"]?.array ?? []).compactMap(\.string)
            let user = UserFacts(
                name: spec["user"]?.string ?? "", groups: groups + ["system:authenticated"])
            review["status"] = try answer(spec, user)
        case "SelfSubjectRulesReview":
            review["status"] = try rules(review["spec"] ?? [:], call.user)
        case "TokenReview": review["status"] = try tokenReview(review)
        case "SelfSubjectReview":
            review["status"] = [
                "userInfo": [
                    "username": .string(call.user.name),
                    "groups": .array(call.user.groups.map { .string($0) }),
                ]
            ]
        default: throw StatusError.methodNotAllowed()
        }
        if review["metadata"]?.object == nil { review["metadata"] = ["creationTimestamp": .null] }
        return .json(review, status: 201)
    }

    private func answer(_ spec: JSON, _ user: UserFacts) throws -> JSON {
        var question = AccessQuestion(user: user, verb: "")
        if let attributes = spec["resourceAttributes"] {
            func text(_ name: String) -> String { attributes[name]?.string ?? "" }
            question = AccessQuestion(
                user: user, verb: text("verb"), group: text("group"), resource: text("resource"),
                subresource: text("subresource"), namespace: text("namespace"), name: text("name"))
        } else if let attributes = spec["nonResourceAttributes"] {
            question.verb = attributes["verb"]?.string ?? ""
            question.path = attributes["path"]?.string ?? ""
        }
        let allowed = try access.allows(question)
        return allowed ? ["allowed": true] : ["allowed": false]
    }

    private func rules(_ spec: JSON, _ user: UserFacts) throws -> JSON {
        var grants = try access.grants(user, namespace: spec["namespace"]?.string ?? "")
        if user.groups.contains("system:masters") {
            grants =
                [
                    RuleFacts(verbs: ["*"], apiGroups: ["*"], resources: ["*"]),
                    RuleFacts(verbs: ["*"], nonResourceURLs: ["*"]),
                ] + grants
        }
        func listed(_ words: [String]?) -> JSON { .array((words ?? []).map { .string($0) }) }
        let aboutResources = grants.filter { $0.nonResourceURLs == nil }.map { rule -> JSON in
            var entry: JSON = [
                "verbs": listed(rule.verbs), "apiGroups": listed(rule.apiGroups),
                "resources": listed(rule.resources),
            ]
            if let names = rule.resourceNames { entry["resourceNames"] = listed(names) }
            return entry
        }
        let aboutPaths = grants.filter { $0.nonResourceURLs != nil }.map { rule -> JSON in
            ["verbs": listed(rule.verbs), "nonResourceURLs": listed(rule.nonResourceURLs)]
        }
        return [
            "resourceRules": .array(aboutResources), "nonResourceRules": .array(aboutPaths),
            "incomplete": false,
        ]
    }
}
