import Linux

/// The folders that hold the kit's programs. The dock and its nodes have to see them under the paths by which the
/// launcher calls the programs, and nothing else of the tree: it holds what students write, and the state as well.
enum ProgramFolders {
    static func of(_ layout: Layout) throws -> [String] {
        let builds = ["\(layout.root)/.build", "\(layout.clusterPackage)/.build"]
        // Where links lead to, such as a `.build` on another disk: a program that is a link by itself names that.
        let built = Layout.real(layout.program("dock")).map { above($0, 3) }
        let all = builds.filter { Files.exists($0) } + builds.compactMap(Layout.real) + [built].compactMap { $0 }
        let folders = all.sorted().reduce(into: [String]()) { kept, folder in
            if !kept.contains(where: { lies(folder, below: $0) }) { kept.append(folder) }
        }
        if let folder = folders.first(where: { lies(layout.state, below: $0) }) {
            throw LauncherError(
                "the state \(layout.state) lies in \(folder), which every node sees, and with it all keys: "
                    + "set DRYDOCK_STATE to another directory")
        }
        return folders
    }

    /// `.build/MACHINE/release/dock` and 3: `.build`.
    private static func above(_ path: String, _ levels: Int) -> String {
        let names = path.utf8.split(separator: UInt8(ascii: "/")).dropLast(levels)
        return names.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
    }

    private static func lies(_ path: String, below other: String) -> Bool {
        path.utf8.elementsEqual(other.utf8) || path.utf8.starts(with: (other + "/").utf8)
    }
}
