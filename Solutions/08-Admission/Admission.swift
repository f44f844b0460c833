import ContractAdmission

/// Lab 08, the reference: who is asking, and what a user may do.
public struct Admission: AdmissionPart {
    public init() {}

    public func identify(_ credentials: Credentials) throws -> UserFacts {
        // step 8.1 begin
        guard let name = credentials.commonName else {
            return UserFacts(name: "system:anonymous", groups: ["system:unauthenticated"])
        }
        return UserFacts(name: name, groups: credentials.organizations + ["system:authenticated"])
        // step 8.1 end
    }

    public func authorize(_ question: AccessQuestion, grants: [RuleFacts]) throws -> Bool {
        // step 8.2 begin
        question.user.groups.contains("system:masters") || grants.contains { covers($0, question) }
        // step 8.2 end
    }

    public func isBound(_ user: UserFacts, to subjects: [SubjectFacts]) throws -> Bool {
        // step 8.3 begin
        subjects.contains { subject in
            switch subject.kind {
            case "User": subject.name == user.name
            case "Group": user.groups.contains(subject.name)
            case "ServiceAccount":
                user.name == "system:serviceaccount:\(subject.namespace ?? ""):\(subject.name)"
            default: false
            }
        }
        // step 8.3 end
    }

    // step 8.2 begin
    private func covers(_ rule: RuleFacts, _ question: AccessQuestion) -> Bool {
        guard names(rule.verbs, question.verb) else { return false }
        if !question.path.isEmpty {
            return (rule.nonResourceURLs ?? []).contains { url in
                url == question.path
                    || url.hasSuffix("*") && question.path.hasPrefix(url.dropLast())
            }
        }
        let names = rule.resourceNames ?? []
        return self.names(rule.apiGroups ?? [], question.group)
            && (rule.resources ?? []).contains { matches($0, question) }
            && (names.isEmpty || names.contains(question.name))
    }

    private func names(_ list: [String], _ word: String) -> Bool {
        list.contains { $0 == "*" || $0 == word }
    }

    private func matches(_ resource: String, _ question: AccessQuestion) -> Bool {
        if resource == "*" { return true }
        if question.subresource.isEmpty { return resource == question.resource }
        return resource == "\(question.resource)/\(question.subresource)"
            || resource == "*/\(question.subresource)"
    }
    // step 8.2 end
}
