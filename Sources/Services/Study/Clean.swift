import Linux

/// `lab clean`: how much disk each thing of the kit takes, and which of them can be had again.
struct Clean {
    let kit: Kit
    let screen: Screen

    /// What can be removed, by the word that removes it.
    private var things: [(word: String, paths: [String], what: String)] {
        [
            ("labs", [kit.scratch], "what checks the labs; built again in some seconds"),
            (
                "build",
                ["\(kit.root)/.build/debug", "\(kit.root)/.build/release"].compactMap(real),
                "the light package; built again in a minute or two"
            ),
            (
                "cluster", ["\(kit.root)/Sources/Cluster/.build"],
                "the cluster's programs; built again in some minutes, and fetched"
            ),
        ]
    }

    /// SwiftPM's `debug` is a link to a folder by the machine's name.
    private func real(_ path: String) -> String? {
        if let target = Files.linkTarget(path) { return "\(kit.root)/.build/\(target)" }
        return Files.exists(path) ? path : nil
    }

    /// - Parameter words: what to remove; nothing where there are none.
    func run(_ words: [String]) throws {
        if let unknown = words.first(where: { word in !things.contains { $0.word == word } }) {
            throw StudyError(
                "nothing here is called \"\(unknown)\"; there are: \(things.map(\.word).joined(separator: ", "))"
            )
        }
        for thing in things {
            let size = try thing.paths.map(megabytes).reduce(0, +)
            let goes = words.contains(thing.word)
            if goes { for path in thing.paths { try Files.removeTree(path) } }
            screen.say(
                "\("\(size)".leftPadded(7)) MB  \(thing.word.padded(8)) \(goes ? "removed: " : "")\(thing.what)"
            )
        }
        let state =
            "\("\(try megabytes(kit.state))".leftPadded(7)) MB  state    the cluster's objects, images and logs:"
        screen.say("\(state) \(kit.command) down --purge")
        if words.isEmpty {
            screen.say(
                "\(kit.command) clean labs removes what the first line names, and so on. Nothing of yours is among it."
            )
        }
    }

    private func megabytes(_ path: String) throws -> Int {
        guard Files.exists(path) else { return 0 }
        let result = try capture("du", ["du", "-smx", path])
        return Int(String(decoding: result.output, as: UTF8.self).prefix { $0.isNumber }) ?? 0
    }
}
