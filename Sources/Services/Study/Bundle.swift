import JSON
import Linux

/// `lab report`: what whoever helps has to know, in one archive: which kit, which machine, what it lacks, what was
/// judged and what the logs say. Neither keys nor tokens are in it, and none of the student's code.
struct Bundle {
    let kit: Kit
    let screen: Screen

    private static let logBytesMax = 256 << 10

    func write() throws {
        let name = "drydock-report-\(Moment.text(Clock.unixSeconds(), "%Y%m%d-%H%M%S"))"
        let place = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-report-")
        defer { try? Files.removeTree(place) }
        let folder = "\(place)/\(name)"
        try Files.makeDirectories("\(folder)/logs")
        try Files.write(machine(), to: "\(folder)/machine.txt")
        try Files.write(doctor(), to: "\(folder)/doctor.txt")
        let progress = "\(kit.root)/Labs/.progress.json"
        if let text = try? Files.readText(progress) {
            try Files.write(text, to: "\(folder)/progress.json")
        }
        for (title, path) in logs() {
            guard let bytes = try? Files.read(path) else { continue }
            let text = String(decoding: bytes.suffix(Self.logBytesMax), as: UTF8.self)
            try Files.write(Self.withoutSecrets(text), to: "\(folder)/logs/\(title)")
        }
        let archive = "\(environmentVariable("PWD") ?? ".")/\(name).tar.gz"
        let result = try capture("tar", ["tar", "-C", place, "-czf", archive, name])
        guard result.ending.succeeded else {
            throw StudyError("\(archive): \(String(decoding: result.errors, as: UTF8.self))")
        }
        screen.say("\(archive)")
        screen.say(
            "Versions, what the machine lacks, your progress and the logs; no keys, no tokens, none of your code."
        )
    }

    private func machine() -> String {
        let commands = [
            ["uname", "-a"], ["cat", "/etc/os-release"], ["swift", "--version"], ["nproc"],
            ["free", "-m"],
            ["df", "-h", kit.root, "/tmp"], ["id"], ["git", "-C", kit.root, "status", "--short"],
        ]
        return commands.reduce("Drydock \(kit.version)\n") { text, words in
            let result = try? capture(words[0], words)
            let said = String(
                decoding: (result?.output ?? []) + (result?.errors ?? []), as: UTF8.self)
            return text + "\n$ \(words.joined(separator: " "))\n\(said)"
        }
    }

    /// The launcher is asked where it is built already: nobody waits a minute for a report.
    private func doctor() -> String {
        let launcher = "\(kit.root)/.build/release/lab"
        guard Files.exists(launcher), let result = try? capture(launcher, [launcher, "doctor"])
        else {
            return "the launcher is not built yet\n"
        }
        return Self.withoutSecrets(String(decoding: result.output + result.errors, as: UTF8.self))
    }

    private func logs() -> [(String, String)] {
        let folder = "\(kit.state)/logs"
        return ((try? Files.list(folder)) ?? []).filter { $0.hasSuffix(".log") }.map {
            ($0, "\(folder)/\($0)")
        }
    }

    /// Lines of a private key, and words that look like a token, are left out.
    static func withoutSecrets(_ text: String) -> String {
        var inKey = false
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            if line.contains("-----BEGIN") { inKey = true }
            defer { if line.contains("-----END") { inKey = false } }
            if inKey { return "(left out)" }
            let isToken: (Substring) -> Bool = {
                $0.hasPrefix("eyJ") || $0.utf8.count > 40 && $0.contains(".eyJ")
            }
            var bearer = false
            return line.split(separator: " ", omittingEmptySubsequences: false).map { word in
                defer { bearer = word.lowercased().hasSuffix("bearer") }
                return bearer
                    || word.split(whereSeparator: { "\"'=,:".contains($0) }).contains(
                        where: isToken)
                    ? "(left out)" : String(word)
            }.joined(separator: " ")
        }.joined(separator: "\n")
    }
}
