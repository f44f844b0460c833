import JSON
import Linux

extension Requirement {
    /// A cluster answers, and it runs on the part that is judged: one that runs on the reference says nothing about
    /// the student's code, and one that was booted before the last edit says something about older code.
    /// - Parameter lab: `10`
    public static func cluster(onPartOf lab: String) -> Requirement {
        Requirement { options in
            guard let config = options.live else { return nil }
            let again = "Labs/lab down; Labs/lab up --mine \(lab)"
            let state = config.split(separator: "/").dropLast().joined(separator: "/")
            guard let text = try? Files.read("/\(state)/run/dock.json"),
                let dock = try? JSON(parsing: text), isAnswering(config)
            else { return "no cluster answers here: \(again)" }
            guard let program = partProgram(of: lab, in: dock) else {
                return
                    "the cluster runs on the reference's part \(lab), which proves nothing of yours: \(again)"
            }
            return program.hasSuffix("/part-\(lab)") && isOlder(program, than: options.lab)
                ? "the cluster was booted before your last edit: \(again)" : nil
        }
    }

    private static func isAnswering(_ config: String) -> Bool {
        let words = [
            "kubectl", "--kubeconfig", config, "--request-timeout=5s", "get", "--raw", "/readyz",
        ]
        return (try? capture("kubectl", words))?.ending.succeeded ?? false
    }

    /// The program that stands for a lab's part, by the environment that the dock gives its components.
    private static func partProgram(of lab: String, in dock: JSON) -> String? {
        let prefix = "DRYDOCK_PART_\(lab)="
        switch dock {
        case .string(let text):
            return text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : nil
        case .array(let items): return items.lazy.compactMap { partProgram(of: lab, in: $0) }.first
        case .object(let object):
            return object.members.lazy.compactMap { partProgram(of: lab, in: $0.value) }.first
        default: return nil
        }
    }

    private static func isOlder(_ program: String, than folder: String) -> Bool {
        guard let built = Files.modified(program), let files = try? Files.list(folder) else {
            return true
        }
        return files.contains { file in
            file.hasSuffix(".swift")
                && Files.modified("\(folder)/\(file)").map { $0 > built } ?? false
        }
    }
}
