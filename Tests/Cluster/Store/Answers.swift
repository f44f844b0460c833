import JSON
import Linux

// What etcdctl says of a store, without what must differ from one store to another.
extension StoreRig {
    /// etcdctl's JSON, or the last line of its error. Which member answered, and in which term, is left out.
    ///
    /// - Parameter hidden: members of the JSON that may differ too; they have to be there all the same.
    func answer(
        _ arguments: [String], _ input: String = "", hiding hidden: Set<String> = []
    ) throws -> String {
        let result = try capture(
            "/usr/bin/env",
            ["env", "ETCDCTL_API=3", "etcdctl", "--endpoints", endpoints, "-w", "json"] + arguments,
            input: Array(input.utf8))
        guard result.ending.succeeded else {
            return String(decoding: result.errors, as: UTF8.self).split(separator: "\n").last.map(String.init)
                ?? ""
        }
        var text = String(decoding: result.output, as: UTF8.self).split(separator: "\n").map { line in
            (try? JSON(parsing: Array(line.utf8))).map { $0.masked(hidden).text } ?? String(line)
        }.joined(separator: "\n")
        for id in 1...count {
            text = text.replacing(endpoint(id), with: "CLIENT-\(id)")
            text = text.replacing(peerEndpoint(id), with: "PEER-\(id)")
        }
        return text
    }

    /// A lease from etcdctl: its number as etcdctl writes it, in sixteen hexadecimal digits.
    func grantLease(seconds: Int) throws -> String {
        let answer = try etcdctl("lease", "grant", "\(seconds)", "-w", "json")
        let id = (try? JSON(parsing: Array(answer.utf8)))?["ID"]?.int
        guard let id, id > 0 else { throw NoLease(answer: answer) }
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    struct NoLease: Error { var answer: String }
}

extension JSON {
    fileprivate func masked(_ hidden: Set<String>) -> JSON {
        if let elements = array { return .array(elements.map { $0.masked(hidden) }) }
        guard let object else { return self }
        var masked = self
        for name in object.names {
            if ["cluster_id", "member_id", "raft_term"].contains(name) {
                masked[name] = nil
            } else {
                masked[name] = hidden.contains(name) ? "hidden" : self[name]?.masked(hidden)
            }
        }
        return masked
    }
}
