import Launcher
import Linux

/// Clients that write all the time, each with a stock kubectl, and note what was acknowledged.
final class Writers {
    private let children: [Child]
    private let notes: String
    static let count = 2

    /// - Parameter stage: names, labels and kubeconfig are the tour's.
    init(_ stage: Stage) throws {
        notes = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-writes-")
        // The name is noted only after kubectl has said that it was created.
        let loop = """
            n=0
            while [ ! -e "$3/stop" ]; do
                n=$((n + 1))
                name=tour-write-$4-$n
                printf '%s' "{apiVersion: v1, kind: ConfigMap, metadata: {name: $name, labels: {tour: drydock}}}" |
                    "$1" --kubeconfig "$2" create -f - >/dev/null 2>&1 && echo "$name" >>"$3/$4"
            done
            """
        let notes = notes
        children = try (1...Self.count).map { number in
            try Child.spawn(
                "sh",
                [
                    "sh", "-c", loop, "sh", stage.kubectl.path, stage.kubectl.kubeconfig, notes,
                    "\(number)",
                ], newSession: true)
        }
    }

    /// The names of what was acknowledged so far.
    func acknowledged() -> [String] {
        (1...Self.count).flatMap { number in
            ((try? Files.readText("\(notes)/\(number)")) ?? "").split(separator: "\n").map(
                String.init)
        }
    }

    /// Lets each finish the write that it is at.
    /// - Returns: all that was acknowledged.
    func stop() throws -> [String] {
        try Files.write("", to: "\(notes)/stop")
        for child in children { try child.wait() }
        defer { try? Files.removeTree(notes) }
        return acknowledged()
    }
}
