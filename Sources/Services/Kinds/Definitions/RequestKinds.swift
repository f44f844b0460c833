// Questions, and bodies without a path of their own: never stored.

extension Kind {
    public static let binding = Kind("v1", "Binding", "bindings").sentOnly()
    public static let deleteOptions = Kind("v1", "DeleteOptions", "").sentOnly().inEveryGroup()
    public static let eviction = Kind("policy/v1", "Eviction", "").sentOnly().inEveryGroup()
    public static let scale = Kind("autoscaling/v1", "Scale", "").sentOnly().inEveryGroup()
    public static let tokenRequest = Kind("authentication.k8s.io/v1", "TokenRequest", "").sentOnly()

    static let status = Kind("v1", "Status", "").sentOnly()

    static let reviews = [
        Kind("authentication.k8s.io/v1", "SelfSubjectReview", "selfsubjectreviews").clusterWide(),
        Kind("authentication.k8s.io/v1", "TokenReview", "tokenreviews").clusterWide(),
        Kind("authorization.k8s.io/v1", "LocalSubjectAccessReview", "localsubjectaccessreviews"),
        Kind("authorization.k8s.io/v1", "SelfSubjectAccessReview", "selfsubjectaccessreviews").clusterWide(),
        Kind("authorization.k8s.io/v1", "SelfSubjectRulesReview", "selfsubjectrulesreviews").clusterWide(),
        Kind("authorization.k8s.io/v1", "SubjectAccessReview", "subjectaccessreviews").clusterWide(),
    ].map { $0.sentOnly() }
}
