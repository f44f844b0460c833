import Linux
import Testing

@testable import Launcher

@Suite struct ProgramFoldersTests {
    /// A tree with a built `dock`, and an empty folder beside it.
    private static func withTree(_ body: (_ root: String, _ other: String) throws -> Void) throws {
        let made = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-folders-")
        let folder = try #require(Layout.real(made))
        defer { try? Files.removeTree(folder) }
        let (root, other) = ("\(folder)/tree", "\(folder)/disk")
        for path in ["\(root)/.build/machine/release", "\(root)/Sources/Cluster/.build", other] {
            try Files.makeDirectories(path)
        }
        symlink("machine/release", "\(root)/.build/release")
        try Files.write("", to: "\(root)/.build/release/dock")
        try body(root, other)
    }

    @Test func `nothing of the tree is seen but what was built`() throws {
        try Self.withTree { root, _ in
            let folders = try ProgramFolders.of(Layout(root: root))
            #expect(folders == ["\(root)/.build", "\(root)/Sources/Cluster/.build"])
        }
    }

    @Test func `a build folder on another disk is seen by both its names`() throws {
        try Self.withTree { root, disk in
            try Files.removeTree("\(root)/Sources/Cluster/.build")
            symlink(disk, "\(root)/Sources/Cluster/.build")
            let folders = try ProgramFolders.of(Layout(root: root))
            #expect(Set(folders) == ["\(root)/.build", "\(root)/Sources/Cluster/.build", disk])
        }
    }

    @Test func `a program that is a link is seen where it lies`() throws {
        try Self.withTree { root, disk in
            try Files.makeDirectories("\(disk)/machine/release")
            try Files.write("", to: "\(disk)/machine/release/dock")
            unlink("\(root)/.build/release/dock")
            symlink("\(disk)/machine/release/dock", "\(root)/.build/release/dock")
            #expect(try ProgramFolders.of(Layout(root: root)).contains(disk))
        }
    }

    @Test(arguments: [".build", ".build/state", "Sources/Cluster/.build/x"])
    func `a state among the programs is refused, since nodes see those`(place: String) throws {
        try Self.withTree { root, _ in
            let layout = Layout(root: root, state: "\(root)/\(place)")
            #expect(throws: LauncherError.self) { try ProgramFolders.of(layout) }
        }
    }
}
