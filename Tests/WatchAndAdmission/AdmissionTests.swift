import ContractAdmission
import SolutionAdmission
import Testing

@Suite("Lab 08: who is asking, and what a user may do")
struct AdmissionTests {
    let part = Admission()
    let jane = UserFacts(name: "jane", groups: ["dev", "system:authenticated"])

    @Test("A certificate's common name is the user, its organizations are the groups")
    func certificate() throws {
        let user = try part.identify(Credentials(commonName: "jane", organizations: ["dev"]))
        #expect(user == jane)
    }

    @Test("Without a certificate one is anonymous, and not among the authenticated")
    func anonymous() throws {
        let user = try part.identify(Credentials())
        #expect(user == UserFacts(name: "system:anonymous", groups: ["system:unauthenticated"]))
    }

    @Test("Without any grant nothing is allowed, except to system:masters")
    func masters() throws {
        let question = AccessQuestion(user: jane, verb: "get", resource: "pods")
        #expect(try !part.authorize(question, grants: []))
        var asMaster = question
        asMaster.user.groups.append("system:masters")
        #expect(try part.authorize(asMaster, grants: []))
    }

    @Test("A rule covers what its verbs, groups and resources name, and nothing beside it")
    func rules() throws {
        let grants = [
            RuleFacts(verbs: ["get", "list"], apiGroups: [""], resources: ["pods", "pods/log"])
        ]
        func may(_ verb: String, _ group: String, _ resource: String, _ subresource: String = "")
            throws -> Bool
        {
            let question = AccessQuestion(
                user: jane, verb: verb, group: group, resource: resource, subresource: subresource)
            return try part.authorize(question, grants: grants)
        }
        #expect(try may("get", "", "pods"))
        #expect(try may("get", "", "pods", "log"))
        #expect(try !may("get", "", "pods", "exec"))
        #expect(try !may("delete", "", "pods"))
        #expect(try !may("get", "apps", "pods"))
        #expect(try !may("get", "", "secrets"))
    }

    @Test("A star stands for all, and */scale for that subresource of all")
    func stars() throws {
        let all = [RuleFacts(verbs: ["*"], apiGroups: ["*"], resources: ["*"])]
        let scales = [RuleFacts(verbs: ["update"], apiGroups: ["apps"], resources: ["*/scale"])]
        var question = AccessQuestion(
            user: jane, verb: "update", group: "apps", resource: "deployments", subresource: "scale"
        )
        #expect(try part.authorize(question, grants: all))
        #expect(try part.authorize(question, grants: scales))
        question.subresource = "status"
        #expect(try !part.authorize(question, grants: scales))
    }

    @Test("A rule that names names covers those alone")
    func names() throws {
        let grants = [
            RuleFacts(
                verbs: ["get"], apiGroups: [""], resources: ["configmaps"], resourceNames: ["mine"])
        ]
        var question = AccessQuestion(user: jane, verb: "get", resource: "configmaps", name: "mine")
        #expect(try part.authorize(question, grants: grants))
        question.name = "yours"
        #expect(try !part.authorize(question, grants: grants))
    }

    @Test("A rule about paths covers the path, or its beginning before a star, and no resource")
    func paths() throws {
        let grants = [RuleFacts(verbs: ["get"], nonResourceURLs: ["/livez", "/apis/*"])]
        func may(_ path: String) throws -> Bool {
            try part.authorize(AccessQuestion(user: jane, verb: "get", path: path), grants: grants)
        }
        #expect(try may("/livez"))
        #expect(try may("/apis/apps/v1"))
        #expect(try !may("/livez/x"))
        #expect(try !may("/metrics"))
        let pods = AccessQuestion(user: jane, verb: "get", resource: "pods")
        #expect(try !part.authorize(pods, grants: grants))
    }

    @Test("A binding speaks for users, groups and service accounts by their own names")
    func subjects() throws {
        #expect(try part.isBound(jane, to: [SubjectFacts(kind: "User", name: "jane")]))
        #expect(try part.isBound(jane, to: [SubjectFacts(kind: "Group", name: "dev")]))
        #expect(try !part.isBound(jane, to: [SubjectFacts(kind: "User", name: "dev")]))
        let robot = UserFacts(name: "system:serviceaccount:ci:robot", groups: [])
        #expect(
            try part.isBound(
                robot, to: [SubjectFacts(kind: "ServiceAccount", name: "robot", namespace: "ci")]))
        #expect(
            try !part.isBound(
                robot, to: [SubjectFacts(kind: "ServiceAccount", name: "robot", namespace: "x")]))
    }
}
