import JSON
import Launcher
import Linux
import Tour

// What is typed at the launcher: wrong words, wrong names, a second `up`.

extension BadInput {
    static let bootCases = [
        Case(name: "a port in use: the next free one is taken, and said aloud") { test in
            // Whoever else has it already does as well.
            let held = try HostSocket.bind(preferring: 6443)
            let said = try test.lab("up")
            let config = try JSON(parsing: try Files.read(test.layout.kubeconfig))
            let server = config["clusters"]?[0]?.at("cluster", "server")?.string ?? ""
            let port = server.split(separator: ":").last.map(String.init) ?? ""
            try test.expect(Int(port) ?? 0 > 6443 && Int(port) != held.port, "port \(port)")
            try said.expect(
                status: 0, saying: "port 6443 is taken; the API server listens on \(port)\n",
                "3 nodes Ready after")
        }
    ]

    static let commandCases = [
        Case(name: "a second up while the cluster runs changes nothing") { test in
            let before = try Processes(state: test.layout.state).all.map(\.pid)
            try test.lab("up").expect(
                status: 0, saying: "The cluster is running already; nothing was changed.\n")
            let after = try Processes(state: test.layout.state).all.map(\.pid)
            try test.expect(before == after, "other processes: \(before), then \(after)")
        },
        Case(name: "logs, enter, kill of what is not there name what is") { test in
            let known = Set(try Processes(state: test.layout.state).all.map(\.component)).sorted()
                .joined(separator: ", ")
            let logs = try test.lab("logs", "nosuch")
            try logs.expect(
                status: 1, saying: "lab: no log of nosuch. There are: apiserver, controllers, ")
            try test.lab("enter", "nosuch").expect(
                status: 1,
                errors: "lab: there is no node and no pod nosuch. Try: Labs/lab enter node-1")
            try test.lab("kill", "nosuch").expect(
                status: 1, errors: "lab: no component nosuch is running. There are: \(known)")
        },
        Case(name: "wrong wishes of up are refused before anything is done") { test in
            let none = "\(test.layout.state)-none"
            let wrong = [
                (["--nodes", "0"], Int32(64), "Error: --nodes takes 1 to 9"),
                (["--nodes", "many"], 64, "Error: The value 'many' is invalid for '--nodes"),
                (
                    ["--store", "nonsense"], 1,
                    "lab: --store nonsense: say raft, etcd, or an etcd on this host: "
                        + "http://127.0.0.1:2379\n"
                ),
                (
                    ["--mine", "99"], 1,
                    "lab: --mine 99: there is no lab 99 with a part of its own. There are: 01, 02, "
                ),
                (
                    ["--runtime", "/nosuch"], 1,
                    "lab: --runtime /nosuch: there is no such program\n"
                ),
            ]
            for (words, status, message) in wrong {
                let said = try test.run(test.labCommand(["up"] + words, state: none))
                try said.expect(status: status, saying: message)
            }
            try test.expect(!Files.exists("\(none)/run"), "\(none) was made")
        },
        Case(name: "--store where no etcd is: said within five seconds", run: storeThatIsNotThere),
        Case(name: "a cluster is found by any name of its state directory") { test in
            let link = "\(test.layout.state)-link"
            unlink(link)
            defer { unlink(link) }
            try check("link \(link)") { symlink(test.layout.state, link) }
            for name in [link, "\(test.layout.state)/", "\(test.layout.state)/../test/."] {
                try test.lab("up", state: name).expect(
                    status: 0, saying: "The cluster is running already; nothing was changed.\n")
            }
        },
        Case(name: "a state directory that can't be made is refused") { test in
            try test.lab("up", state: "/dev/null/state").expect(
                status: 1, errors: "lab: mkdir /dev/null/state: Not a directory")
        },
        Case(name: "commands without a cluster say how to start one") { test in
            let none = "\(test.layout.state)-none"
            for words in [["enter", "node-1"], ["kill", "node-1"], ["demo"]] {
                try test.run(test.labCommand(words, state: none)).expect(
                    status: 1, errors: "lab: no cluster is running. Start one: Labs/lab up")
            }
            try test.lab("status", state: none).expect(
                status: 1, saying: "No cluster is running. Start one: Labs/lab up\n")
            try test.lab("down", state: none).expect(
                status: 0, saying: "No cluster was running.\n")
        },
    ]

    /// Nobody at the port; somebody who never answers; somebody who answers something else.
    private static func storeThatIsNotThere(_ test: BadInput) throws {
        let none = "\(test.layout.state)-none"
        func up(_ port: Int) throws -> Said {
            let began = Clock.monotonicMilliseconds()
            let url = "http://127.0.0.1:\(port)"
            let said = try test.run(test.labCommand(["up", "--store", url], state: none))
            let taken = Clock.monotonicMilliseconds() - began
            try test.expect(taken < 5000, "it took \(taken) ms")
            return said
        }
        let port = try {
            let closed = try HostSocket.bind(preferring: 21379)
            try up(closed.port).expect(
                status: 1,
                saying: "lab: --store http://127.0.0.1:\(closed.port): something listens",
                "but it does not answer as etcd does")
            return closed.port
        }()
        try up(port).expect(
            status: 1,
            errors: "lab: --store http://127.0.0.1:\(port): no etcd can be reached there (connect: "
                + "Connection refused): start it first, or leave --store away for the kit's own store"
        )
        try test.expect(!Files.exists("\(none)/run"), "\(none) was made")
    }
}
