import Linux

/// The folders that hold the kit's programs: its tree, and what links in the tree lead to, such as a `.build` on
/// another disk. The dock has to see them under the paths that the links name.
enum ProgramFolders {
    static func of(_ layout: Layout) -> [String] {
        let roots = [
            layout.root, "\(layout.root)/Sources", "\(layout.root)/.build",
            "\(layout.clusterPackage)/.build",
        ]
        // A program that is a link by itself: its `.build` is three folders above, `.build/MACHINE/release/dock`.
        let built = Layout.real(layout.program("dock")).map { above($0, 3) }
        let all = [layout.root] + roots.compactMap(Layout.real) + [built].compactMap { $0 }
        return all.sorted().reduce(into: []) { kept, folder in
            if !kept.contains(where: { lies(folder, below: $0) }) { kept.append(folder) }
        }
    }

    private static func above(_ path: String, _ levels: Int) -> String {
        let names = path.utf8.split(separator: UInt8(ascii: "/")).dropLast(levels)
        return names.map { "/" + String(decoding: $0, as: UTF8.self) }.joined()
    }

    private static func lies(_ path: String, below other: String) -> Bool {
        path.utf8.elementsEqual(other.utf8) || path.utf8.starts(with: (other + "/").utf8)
    }
}
