import ArgumentParser
import EtcdAPI
import GRPCCore
import GRPCNIOTransportHTTP2
import JSON
import Store

/// `raft status`: asks every member how it is, and who leads.
struct Status: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the members of a store how they are and who leads.",
        discussion: """
            Example:
              raft status --endpoints 127.0.0.1:2379,127.0.0.1:2389,127.0.0.1:2399
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text, json
    }

    @Option(help: "Where the members listen for clients: HOST:PORT, separated by commas.")
    var endpoints: String
    @Option(help: "The directory of `pki init`, for members that speak TLS.") var pki: String?
    @Option(help: "text or json.") var format = Format.text

    struct Answer: Codable {
        var endpoint: String
        var member: UInt64?
        var leader: UInt64?
        var term: UInt64?
        var index: UInt64?
        /// Why there is no answer.
        var error: String?
    }
    struct Report: Codable {
        /// The member that leads in the highest term that was heard of; none while there is no leader.
        var leader: UInt64?
        var members: [Answer]
    }

    func run() async throws {
        var answers: [Answer] = []
        for endpoint in endpoints.split(separator: ",") {
            answers.append(await ask(String(endpoint)))
        }
        let newest = answers.filter { $0.term != nil }.max { $0.term! < $1.term! }
        let report = Report(leader: newest?.leader == 0 ? nil : newest?.leader, members: answers)
        switch format {
        case .json: print(try JSON(encoding: report).prettyText)
        case .text: show(report)
        }
    }

    private func show(_ report: Report) {
        for answer in report.members {
            let state =
                answer.error
                ?? "member \(answer.member!), term \(answer.term!), index \(answer.index!)"
                + (answer.member == report.leader ? ", leads" : "")
            print("\(answer.endpoint): \(state)")
        }
    }

    private func ask(_ endpoint: String) async -> Answer {
        guard let address = HostPort(endpoint) else {
            return Answer(endpoint: endpoint, error: "not HOST:PORT")
        }
        do {
            let transport = try etcdClientTransport(
                host: address.host, port: address.port,
                credentials: pki.map(StoreCredentials.init(pki:)))
            return try await withGRPCClient(transport: transport) { client in
                var options = CallOptions.defaults
                options.timeout = .seconds(1)
                let status = try await Etcdserverpb_Maintenance.Client(wrapping: client)
                    .status(.init(), options: options)
                return Answer(
                    endpoint: endpoint, member: status.header.memberID, leader: status.leader,
                    term: status.raftTerm, index: status.raftIndex)
            }
        } catch {
            return Answer(endpoint: endpoint, error: "\(error)")
        }
    }
}
