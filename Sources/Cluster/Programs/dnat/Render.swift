import ArgumentParser
import ContractServiceDNAT
import JSON
import Linux
import Objects
import PartPipe
import ServiceRules
import SolutionServiceDNAT

/// Where the commands get Services from.
struct Input: ParsableArguments {
    @Argument(
        help:
            "JSON files: Services and EndpointSlices, single, or Lists as `kubectl get svc,endpointslices -o json` prints them. - is standard input."
    )
    var files: [String]
    @Option(help: "The network of all pods.") var podCidr = "10.244.0.0/16"

    func view() throws -> ProxyView {
        var services: [Service] = []
        var slices: [EndpointSlice] = []
        for object in try files.flatMap(objects) {
            switch object["kind"]?.string {
            case "Service": services.append(try object.decode())
            case "EndpointSlice": slices.append(try object.decode())
            case let kind:
                throw ValidationError(
                    "\(kind ?? "an object without a kind") is neither Service nor EndpointSlice")
            }
        }
        return ServiceMap.view(services: services, slices: slices, podCIDR: podCidr)
    }

    private func objects(in file: String) throws -> [JSON] {
        let document = try JSON(parsing: try Files.read(file == "-" ? "/dev/stdin" : file))
        return document["items"]?.array ?? [document]
    }
}

/// The part of lab 14 that this run uses.
func servicePart() -> any ServiceDNATContract {
    StudentPart(lab: "14").map { RemoteServiceDNAT(asking: $0) } ?? ServiceDNAT()
}

/// `dnat render`: the rules as text.
struct Render: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the rules for Services, as iptables-restore reads them.",
        discussion: "Example: kubectl get svc,endpointslices -A -o json | dnat render -")

    @OptionGroup var input: Input
    @Flag(help: "With the jumps into them, as a proxy that finds nothing there writes it.")
    var jumps = false

    func run() throws {
        let part = servicePart()
        let text = try part.render(try input.view())
        print(
            jumps
                ? SyncText.make(rendered: text, present: [], missing: try part.jumps()) : text,
            terminator: "")
    }
}

/// `dnat trace`: where a packet goes, without sending it.
struct Trace: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract:
            "Follow a packet through the rules for Services; where dice are thrown, both ways.",
        discussion:
            "Example: dnat trace services.json --from 10.244.1.2 --to 10.96.0.10 --port 80 --node-address 10.88.0.11"
    )

    @OptionGroup var input: Input
    @Option(help: "The sender's address.") var from: String
    @Option(help: "The address it sends to.") var to: String
    @Option(help: "The port it sends to.") var port: Int
    @Option(help: "tcp or udp.") var transport = "tcp"
    @Option(help: "An address of the node whose rules these are; several times for several.")
    var nodeAddress: [String] = []
    @Flag(help: "Show the rules that matched.") var verbose = false

    func run() throws {
        let part = servicePart()
        let tracer = Tracer(
            Ruleset(try part.render(try input.view())),
            machine: Machine(addresses: Set(nodeAddress)),
            jumps: try part.jumps())
        let packet = Packet(from: from, to: to, port: port, transport: transport)
        print(packet)
        for outcome in try tracer.trace(packet) {
            print("  \(outcome)")
            if verbose { for rule in outcome.path { print("      \(rule)") } }
        }
    }
}
