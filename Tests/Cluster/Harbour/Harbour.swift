import APIServer
import ArgumentParser
import HTTPServing
import JSON
import Kinds
import Logging
import SolutionAdmission
import SolutionWatch

/// An API server that has one kind more than the kit knows: what takes a kind is one value. Test program.
@main
struct Harbour: AsyncParsableCommand {
    @Option var store: String
    @Option var pki: String
    @Option var listen: String
    @Option var listenFd: Int32

    func run() async throws {
        let options = APIServer.Options(
            endpoints: [store], pki: pki, sockets: [.inherited(descriptor: listenFd)],
            advertise: ("127.0.0.1", 6443), serviceRange: AddressRange("10.96.0.0/16")!)
        let server = APIServer(
            options, kinds: KindRegistry.builtIn.adding([.boat]), watches: Watch(), admission: Admission(),
            logger: Logger(label: "harbour"))
        try await server.run()
    }
}

extension Kind {
    static let boat = Kind("harbour.example/v1", "Boat", "boats").short("bt")
        .described(
            by: FieldTable(
                "example.harbour.v1",
                """
                Boat* | What lies in a dry dock.
                1  metadata  ObjectMeta  | Standard metadata.
                2  spec      BoatSpec    | What is wanted of it.
                BoatSpec | What is wanted of a boat.
                1  masts     int32 1..5       | How many sails can be set at once.
                2  home      string required  | Where it belongs.
                """)
        )
        .printed(by: Printer(.name, Column("Home") { $0.at("spec", "home") ?? "" }, .age))
}
