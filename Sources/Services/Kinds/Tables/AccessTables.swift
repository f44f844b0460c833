// Who may do what. Source of numbers: k8s.io/api, rbac/v1, authorization/v1, authentication/v1
// generated.proto.

extension FieldTables {
    static let rbac = FieldTable(
        "io.k8s.api.rbac.v1",
        """
        Role* | Permissions in one namespace.
        1  metadata           ObjectMeta               | Standard metadata.
        2  rules              [PolicyRule]!            | Added together.
        ClusterRole* | Permissions everywhere.
        1  metadata           ObjectMeta               | Standard metadata.
        2  rules              [PolicyRule]!            | Added together.
        3  aggregationRule    AggregationRule? | Rules come from other ClusterRoles.
        AggregationRule | Which ClusterRoles are added.
        1  clusterRoleSelectors [LabelSelector]        | By labels.
        PolicyRule | What may be done to what.
        1  verbs              [string]!                | get, list, …; * for all.
        2  apiGroups          [string]                 | "" for core; * for all.
        3  resources          [string]                 | pods, pods/log; * for all.
        4  resourceNames      [string]                 | Only these objects.
        5  nonResourceURLs    [string]                 | Paths such as /healthz.
        RoleBinding* | Gives a role to subjects in one namespace.
        1  metadata           ObjectMeta               | Standard metadata.
        2  subjects           [Subject]                | To whom.
        3  roleRef            RoleRef!                 | What; cannot change.
        ClusterRoleBinding* | Gives a role to subjects everywhere.
        1  metadata           ObjectMeta               | Standard metadata.
        2  subjects           [Subject]                | To whom.
        3  roleRef            RoleRef!                 | What; cannot change.
        Subject | Who.
        1  kind               string!                  | User, Group or ServiceAccount.
        2 apiGroup string | rbac.authorization.k8s.io for users and groups.
        3  name               string!                  | Its name.
        4  namespace          string                   | For service accounts.
        RoleRef | Which role.
        1  apiGroup           string!                  | rbac.authorization.k8s.io.
        2  kind               string! required in=ClusterRole,Role | Role or ClusterRole.
        3  name               string! required | Its name.
        """)

    static let reviews = FieldTable(
        "io.k8s.api.authorization.v1",
        """
        SelfSubjectAccessReview* | May I do this?
        1  metadata           ObjectMeta               | Empty.
        2  spec               SelfSubjectAccessReviewSpec! | The question.
        3  status             SubjectAccessReviewStatus | The answer.
        SelfSubjectAccessReviewSpec | What about; one of these.
        1  resourceAttributes ResourceAttributes?      | A resource.
        2  nonResourceAttributes NonResourceAttributes? | A path.
        SubjectAccessReview* | May this user do this?
        1  metadata           ObjectMeta               | Empty.
        2  spec               SubjectAccessReviewSpec! | The question.
        3  status             SubjectAccessReviewStatus | The answer.
        LocalSubjectAccessReview* | May this user do this in this namespace?
        1  metadata           ObjectMeta               | Empty.
        2  spec               SubjectAccessReviewSpec! | The question.
        3  status             SubjectAccessReviewStatus | The answer.
        SubjectAccessReviewSpec | Who and what about.
        1  resourceAttributes ResourceAttributes?      | A resource.
        2  nonResourceAttributes NonResourceAttributes? | A path.
        3  user               string                   | The user.
        4  groups             [string]                 | The user's groups.
        5  extra              {[string]}               | What else is known of the user.
        6  uid                string                   | The user's uid.
        ResourceAttributes | What would be done to a resource.
        1  namespace          string                   | Where; "" is everywhere.
        2  verb               string                   | get, list, …
        3  group              string                   | Its group.
        4  version            string                   | Its version.
        5  resource           string                   | pods
        6  subresource        string                   | log
        7  name               string                   | One object.
        8  fieldSelector      json?                    | Only such objects; kept as it is.
        9  labelSelector      json?                    | Only such objects; kept as it is.
        NonResourceAttributes | What would be done to a path.
        1  path               string                   | The path.
        2  verb               string                   | get, …
        SubjectAccessReviewStatus | The answer.
        1  allowed            bool!                    | Yes.
        4  denied             bool                     | No, whatever others say.
        2  reason             string                   | Why.
        3  evaluationError    string                   | What went wrong.
        SelfSubjectRulesReview* | What may I do?
        1  metadata           ObjectMeta               | Empty.
        2  spec               SelfSubjectRulesReviewSpec! | Where.
        3  status             SubjectRulesReviewStatus | The answer.
        SelfSubjectRulesReviewSpec | Where.
        1  namespace          string                   | The namespace.
        SubjectRulesReviewStatus | What a user may do.
        1  resourceRules      [ResourceRule]!          | To resources.
        2  nonResourceRules   [NonResourceRule]!       | To paths.
        3  incomplete         bool!                    | There may be more.
        4  evaluationError    string                   | What went wrong.
        ResourceRule | What may be done to resources.
        1  verbs              [string]!                | get, list, …
        2  apiGroups          [string]                 | In these groups.
        3  resources          [string]                 | These resources.
        4  resourceNames      [string]                 | Only these objects.
        NonResourceRule | What may be done to paths.
        1  verbs              [string]!                | get, …
        2  nonResourceURLs    [string]                 | The paths.
        SelfSubjectReview* | Who am I?
        1  metadata           ObjectMeta               | Empty.
        2  status             SelfSubjectReviewStatus  | The answer.
        SelfSubjectReviewStatus | Who the user is.
        1  userInfo           UserInfo                 | The user.
        UserInfo | A user.
        1  username           string                   | The name.
        2  uid                string                   | The uid.
        3  groups             [string]                 | The groups.
        4  extra              {[string]}               | What else is known.
        TokenRequest* | A token for a ServiceAccount.
        1  metadata           ObjectMeta               | Of the ServiceAccount.
        2  spec               TokenRequestSpec!        | What is wanted.
        3  status             TokenRequestStatus       | The token.
        TokenRequestSpec | What is wanted of a token.
        1  audiences          [string]!                | Whom it is for.
        4  expirationSeconds  int64? 600..4294967296 | How long it is good for.
        3  boundObjectRef     BoundObjectReference?    | Only while this object exists.
        BoundObjectReference | What a token is bound to.
        1  kind               string                   | Pod or Secret.
        2  apiVersion         string                   | Its version.
        3  name               string                   | Its name.
        4  uid                string                   | Its uid.
        TokenRequestStatus | A token.
        1  token              string!                  | The token.
        2  expirationTimestamp time!                   | Good until then.
        TokenReview* | Whose token is this?
        1  metadata           ObjectMeta               | Empty.
        2  spec               TokenReviewSpec!         | The token.
        3  status             TokenReviewStatus        | The answer.
        TokenReviewSpec | A token.
        1  token              string                   | The token.
        2  audiences          [string]                 | For one of these.
        TokenReviewStatus | Whose a token is.
        1  authenticated      bool                     | Good.
        2  user               UserInfo                 | The user.
        4  audiences          [string]                 | Whom it is for.
        3  error              string                   | What is wrong with it.
        """)
}
