import ContractAdmission
import HTTPServing
import Kinds
import NIOHTTP1

/// Whom a client asks to be taken for, by the headers `Impersonate-User`, `-Group`, `-Uid` and
/// `-Extra-KEY`. Each is a right of its own: the verb `impersonate` on `users`, `groups`,
/// `serviceaccounts`, `uids` or `userextras/KEY`.
///
/// Source: kubernetes.io/docs/reference/access-authn-authz/authentication, "User impersonation";
/// apiserver, pkg/endpoints/filters/impersonation.go.
struct Impersonation: Sendable {
    var user: String
    var groups: [String] = []
    var uid = ""
    /// Key and value, one entry a header.
    var extras: [(key: String, value: String)] = []

    private static let prefix = "impersonate-"
    private static let extraPrefix = "impersonate-extra-"

    /// Nil where the client asks for nothing.
    /// - Throws: 500, as the stock server, where it asks for groups and the like of nobody; 400 for
    ///   a header that nobody
    ///   knows.
    init?(_ headers: HTTPHeaders) throws(StatusError) {
        user = headers.first(name: "impersonate-user") ?? ""
        groups = headers["impersonate-group"]
        uid = headers.first(name: "impersonate-uid") ?? ""
        var asks = false
        for (header, value) in headers {
            let name = header.lowercased()
            guard name.utf8.starts(with: Self.prefix.utf8) else { continue }
            asks = true
            if name.utf8.starts(with: Self.extraPrefix.utf8) {
                let key = String(
                    decoding: name.utf8.dropFirst(Self.extraPrefix.utf8.count), as: UTF8.self)
                extras.append((percentDecoded(key[...]), value))
            } else if !["impersonate-user", "impersonate-group", "impersonate-uid"].contains(name) {
                throw .badRequest("\(header): nobody can be impersonated by this header")
            }
        }
        guard asks else { return nil }
        if user.isEmpty {
            // The stock server's words and code.
            throw .internalError(
                "requested \(groups + extras.map(\.key)) without impersonating a user")
        }
    }

    /// What the client has to be allowed, all of it.
    func questions(by client: UserFacts) -> [AccessQuestion] {
        func may(
            _ resource: String, _ name: String, group: String = "", namespace: String = "",
            subresource: String = ""
        ) -> AccessQuestion {
            AccessQuestion(
                user: client, verb: "impersonate", group: group, resource: resource,
                subresource: subresource, namespace: namespace, name: name)
        }
        var all: [AccessQuestion] = []
        if let account {
            all.append(may("serviceaccounts", account.name, namespace: account.namespace))
        } else {
            all.append(may("users", user))
        }
        all += groups.map { may("groups", $0) }
        let authentication = "authentication.k8s.io"
        all += extras.map {
            may("userextras", $0.value, group: authentication, subresource: $0.key)
        }
        if !uid.isEmpty { all.append(may("uids", uid, group: authentication)) }
        return all
    }

    /// The user as a service account: `system:serviceaccount:NAMESPACE:NAME`.
    private var account: (namespace: String, name: String)? {
        let parts = user.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
            .map { String($0) ?? "" }
        guard parts.count == 4, parts[0] == "system", parts[1] == "serviceaccount",
            !parts[2].isEmpty, !parts[3].isEmpty
        else { return nil }
        return (parts[2], parts[3])
    }

    /// The user that then asks. Where no groups are asked for, a service account is in its own.
    var credentials: ContractAdmission.Credentials {
        var all = groups
        if let account, groups.isEmpty {
            all = ["system:serviceaccounts", "system:serviceaccounts:\(account.namespace)"]
        }
        if user == "system:anonymous" {
            return ContractAdmission.Credentials()
        }
        return ContractAdmission.Credentials(commonName: user, organizations: all)
    }
}
