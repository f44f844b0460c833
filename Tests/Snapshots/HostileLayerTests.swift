import Linux
import Snapshots
import SolutionOverlay
import Testing

/// Layers whose names are made so that Swift sees other names in them than the kernel.
///
/// A mark after a slash, or a sign that takes the next letter along before one, makes a `Character` of both: then
/// no character is "/". The kernel looks at bytes.
@Suite struct HostileLayerTests {
    /// A combining accent, an Arabic sign before numbers, a joiner, a variation selector.
    static let marks = ["\u{301}", "\u{600}", "\u{200d}", "\u{fe0f}"]

    let scratch: Scratch
    init() throws {
        scratch = try Scratch()
        try Files.makeDirectories(scratch("victim"))
        try Files.write("secret", to: scratch("victim/\u{301}f"))
        try Files.write("secret", to: scratch("victim/f"))
    }

    private func unpack(_ entries: [(TarEntry, String)], _ layer: String = "layer") throws {
        var writer = TarWriter(try .open(scratch("layer.tar"), O_WRONLY | O_CREAT | O_TRUNC))
        for (entry, text) in entries { try writer.add(entry, Array(text.utf8)) }
        try writer.finish()
        var unpacker = try Unpacker(into: scratch(layer), rules: Overlay())
        try unpacker.unpack(TarReader(try .open(scratch("layer.tar"))))
    }

    private func outside() throws -> String {
        try stock(
            "find", scratch.path, "-mindepth", "1", "-path", scratch("layer"), "-prune", "-o",
            "-not", "-name",
            "layer.tar", "-printf", "%P %y %i %m %n %U\\n")
    }

    @Test(arguments: marks)
    func `no slash is overlooked, whatever stands beside it`(mark: String) throws {
        let before = try outside()
        let link = (TarEntry("l", .symbolicLink(target: scratch("victim")), mode: 0o777), "")
        let up = (TarEntry("u", .symbolicLink(target: "../victim"), mode: 0o777), "")
        for name in [
            "l/\(mark)f", "l\(mark)/f", "u/\(mark)f", "\(mark)/../../victim/f",
            "l\(mark)/../../victim/f",
        ] {
            let kinds: [TarEntry.Kind] = [
                .file, .directory, .fifo, .symbolicLink(target: "x"), .hardLink(target: "l"),
            ]
            for kind in kinds { try? unpack([link, up, (TarEntry(name, kind, user: 77), "evil")]) }
            // Deleted, made opaque, or stolen.
            try? unpack([link, up, (TarEntry("l/\(mark).wh.f", .file), "")])
            try? unpack([link, up, (TarEntry("l\(mark)/.wh.f", .file), "")])
            try? unpack([link, up, (TarEntry("l/\(mark)f/.wh..wh..opq", .file), "")])
            try? unpack([link, up, (TarEntry("stolen", .hardLink(target: name)), "")])
            #expect((try? Files.readText(scratch("layer/stolen"))) != "secret", "\(name)")
            #expect(try outside() == before, "\(name)")
            try Files.removeTree(scratch("layer"))
        }
    }

    @Test(arguments: marks)
    func `what a tar has lies where GNU tar puts it`(mark: String) throws {
        let names = ["a\(mark)/b", "c/\(mark)d", "\(mark)e/\(mark)/f", "g\(mark)"]
        var entries: [(TarEntry, String)] = names.map { (TarEntry($0, .file, modified: 7), $0) }
        entries.append((TarEntry("h", .hardLink(target: names[1])), ""))
        try unpack(entries)
        try Files.makeDirectories(scratch("stock"))
        try stock("tar", "-C", scratch("stock"), "-xf", scratch("layer.tar"))
        func listing(_ root: String) throws -> String {
            try stock(
                "sh", "-c", "cd \"$0\" && find . -type f -printf '%P %n\\n' | LC_ALL=C sort", root)
        }
        #expect(try listing(scratch("layer")) == listing(scratch("stock")))
        // And into a tar again.
        try LayerPacker(to: scratch("again.tar"), rules: Overlay()).pack(upper: scratch("layer"))
        try stock("tar", "-C", scratch("stock"), "--compare", "-f", scratch("again.tar"))
    }

    @Test func `names that Swift takes for equal are two names`() throws {
        let (one, two) = ("caf\u{e9}", "cafe\u{301}")
        try unpack([(TarEntry(one, .file), "1"), (TarEntry(two, .file), "2")])
        #expect(try Files.readText(scratch("layer/\(one)")) == "1")
        #expect(try Files.readText(scratch("layer/\(two)")) == "2")
        try Files.makeDirectories(scratch("before"))
        try Files.write("1", to: scratch("before/\(one)"))
        try LayerPacker(to: scratch("diff.tar"), rules: Overlay())
            .pack(before: scratch("layer"), after: scratch("before"))
        #expect(
            try stock("tar", "-tf", scratch("diff.tar"), "--quoting-style=literal").utf8.contains(
                0xcc))
    }

    @Test func `a NUL in a name is refused: the kernel would read a shorter one`() throws {
        #expect(throws: SnapshotError.self) {
            try unpack([(TarEntry(String(repeating: "n", count: 120) + "\0x", .file), "")])
        }
        #expect(try Files.list(scratch("layer")) == [])
    }

    @Test func `a tree is removed without going into what is mounted in it`() throws {
        try #require(isRoot, "mounting needs root")
        try inMountNamespace {
            try Files.makeDirectories(scratch("tree/d/m"))
            try check("mount") {
                mount(scratch("victim"), scratch("tree/d/m"), nil, UInt(MS_BIND), nil)
            }
            #expect(throws: SystemError.self) { try Files.removeTree(scratch("tree")) }
            #expect(try Files.readText(scratch("victim/f")) == "secret")
            umount2(scratch("tree/d/m"), 0)
            try Files.removeTree(scratch("tree"))
            #expect(!Files.exists(scratch("tree")))
        }
    }
}

/// What honest tars have, and a careless reader gets wrong without a word.
@Suite struct FaithfulLayerTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    private func unpack(
        _ entries: [(TarEntry, String)], into layer: String, below: [String] = []
    ) throws {
        var writer = TarWriter(try .open(scratch("layer.tar"), O_WRONLY | O_CREAT | O_TRUNC))
        for (entry, text) in entries { try writer.add(entry, Array(text.utf8)) }
        try writer.finish()
        try unpack(scratch("layer.tar"), into: layer, below: below)
    }

    private func unpack(_ tar: String, into layer: String, below: [String] = []) throws {
        var unpacker = try Unpacker(
            into: scratch(layer), below: below.map { scratch($0) }, rules: Overlay())
        try unpacker.unpack(TarReader(try .open(tar)))
    }

    private func mount(_ layers: String...) -> OverlayMount {
        OverlayMount(
            lower: layers.map { scratch($0) }, upper: scratch("upper"), work: scratch("work"),
            target: scratch("merged"))
    }

    @Test(arguments: ["0.0", "0.1", "1.0"])
    func `a sparse file is refused, and not unpacked to its map`(version: String) throws {
        try Files.makeDirectories(scratch("in"))
        try stock("truncate", "-s", "1M", scratch("in/disk"))
        try stock("sh", "-c", "printf end >> \"$0\"", scratch("in/disk"))
        try stock(
            "tar", "--format=pax", "--sparse", "--sparse-version=\(version)", "-C", scratch("in"),
            "-cf",
            scratch("s.tar"), "disk")
        #expect(throws: SnapshotError.self) { try unpack(scratch("s.tar"), into: "layer") }
    }

    @Test func `fractions of a second are kept, also before 1970, in and out`() throws {
        try Files.makeDirectories(scratch("in"))
        for (name, time) in [
            ("new", "2020-01-02 03:04:05.123456789"), ("old", "1969-12-31 23:59:58.25"),
        ] {
            try Files.write("", to: scratch("in/\(name)"))
            try stock("touch", "-d", "\(time) UTC", scratch("in/\(name)"))
        }
        try stock("tar", "--format=pax", "-C", scratch("in"), "-cf", scratch("t.tar"), "new", "old")
        try unpack(scratch("t.tar"), into: "layer")
        func times(_ root: String) throws -> String {
            try stock("sh", "-c", "cd \"$0\" && find . -type f -printf '%P %T@\\n' | sort", root)
        }
        #expect(try times(scratch("layer")) == times(scratch("in")))
        try LayerPacker(to: scratch("again.tar"), rules: Overlay()).pack(upper: scratch("layer"))
        try unpack(scratch("again.tar"), into: "again")
        #expect(try times(scratch("again")) == times(scratch("in")))
    }

    @Test func `a tar that ends without the padding of its last entry is whole`() throws {
        try unpack([(TarEntry("f", .file), "text")], into: "layer")
        let whole = try Files.read(scratch("layer.tar"))
        try Files.writeAtomically(Array(whole.prefix(512 + 4)), to: scratch("bare.tar"))
        try unpack(scratch("bare.tar"), into: "bare")
        #expect(try Files.readText(scratch("bare/f")) == "text")
        try Files.writeAtomically(Array(whole.prefix(512 + 3)), to: scratch("short.tar"))
        #expect(throws: SnapshotError.self) { try unpack(scratch("short.tar"), into: "short") }
    }

    @Test(arguments: [
        "uid=4294967296", "uid=4294967295", "gid=-1", "gid=18446744073709551616", "uid=1x",
    ])
    func `an id that there isn't is no other id`(record: String) throws {
        let body = " \(record)\n"
        let length = body.utf8.count + 2
        let pax = Array("\(length)\(body)".utf8)
        var writer = TarWriter(try .open(scratch("id.tar"), O_WRONLY | O_CREAT))
        try writer.add(TarEntry("pax", .file), pax)
        try writer.add(TarEntry("f", .file), [])
        try writer.finish()
        var bytes = try Files.read(scratch("id.tar"))
        bytes[156] = UInt8(ascii: "x")
        let sum = bytes[0..<512].enumerated().reduce(0) {
            $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
        }
        bytes.replaceSubrange(
            148..<154,
            with: Array((String(repeating: "0", count: 6) + String(sum, radix: 8)).utf8.suffix(6)))
        try Files.writeAtomically(bytes, to: scratch("id.tar"))
        #expect(throws: SnapshotError.self) { try unpack(scratch("id.tar"), into: "layer") }
    }

    @Test func `of two entries for one directory the later counts`() throws {
        try unpack(
            [
                (TarEntry("d", .directory, mode: 0o755), ""),
                (TarEntry("d", .directory, mode: 0o700), ""),
            ],
            into: "layer")
        #expect(try stock("stat", "-c", "%a", scratch("layer/d")) == "700\n")
    }

    @Test func `a hard link leads to what only a layer below has`() throws {
        try #require(isRoot, "owners need root")
        try unpack(
            [
                (TarEntry("opt", .directory, mode: 0o751, user: 3), ""),
                (TarEntry("opt/first", .file, mode: 0o4755, user: 5, modified: 9), "forty-two"),
                (TarEntry("opt/gone", .file), ""),
            ], into: "base")
        try unpack([(TarEntry("opt/.wh.gone", .file), "")], into: "middle", below: ["base"])
        try unpack(
            [
                (TarEntry("opt/second", .hardLink(target: "opt/first")), ""),
                (TarEntry("third", .hardLink(target: "./opt/first")), ""),
            ], into: "top", below: ["middle", "base"])
        try inMountNamespace {
            let mount = mount("top", "middle", "base")
            try mount.mount(rules: Overlay())
            let merged = mount.target
            #expect(
                try stock(
                    "sh", "-c",
                    "cd \"$0\" && stat -c '%n %a %u %Y %h' opt/first opt/second third && cat third",
                    merged)
                    == "opt/first 4755 5 9 3\nopt/second 4755 5 9 3\nthird 4755 5 9 3\nforty-two")
            // The directory that no entry of the top spoke of is as it was.
            #expect(try stock("stat", "-c", "%a %u", "\(merged)/opt") == "751 3\n")
            try OverlayMount.unmount(merged)
        }
        #expect(throws: SnapshotError.self) {
            try unpack(
                [(TarEntry("x", .hardLink(target: "opt/gone")), "")], into: "no",
                below: ["middle", "base"])
        }
    }

    @Test func `a link of a lower layer on the way is followed, and never out`() throws {
        try #require(isRoot, "mounting needs root")
        try unpack(
            [
                (TarEntry("usr/lib", .directory, mode: 0o755), ""),
                (TarEntry("usr/lib/old", .file), "1"),
                (TarEntry("lib", .symbolicLink(target: "usr/lib")), ""),
                (TarEntry("out", .symbolicLink(target: "../../../../\(scratch.path)")), ""),
                (TarEntry("round", .symbolicLink(target: "round")), ""),
            ], into: "base")
        try unpack(
            [
                (TarEntry("lib/sub", .directory, mode: 0o700), ""),
                (TarEntry("lib/sub/new", .file), "2"),
                (TarEntry("lib/.wh.old", .file), ""), (TarEntry("out/x", .file), "3"),
            ], into: "top", below: ["base"])
        try inMountNamespace {
            let mount = mount("top", "base")
            try mount.mount(rules: Overlay())
            #expect(
                try stock(
                    "sh", "-c", "cd \"$0\" && ls lib && stat -c %a usr/lib/sub && cat lib/sub/new",
                    mount.target) == "sub\n700\n2")
            #expect(try stock("readlink", "\(mount.target)/lib") == "usr/lib\n")
            try OverlayMount.unmount(mount.target)
        }
        #expect(!Files.exists(scratch("x")))
        #expect(throws: SnapshotError.self) {
            try unpack([(TarEntry("round/x", .file), "")], into: "no", below: ["base"])
        }
    }

    @Test func `a whiteout hides what is below and not what its own layer has under the name`()
        throws
    {
        try #require(isRoot, "mounting needs root")
        try unpack(
            [(TarEntry("dir/old", .file), "1"), (TarEntry("a/b/old", .file), "1")], into: "base")
        try unpack(
            [
                (TarEntry(".wh.dir", .file), ""), (TarEntry("dir/new", .file), "2"),
                (TarEntry(".wh.a", .file), ""), (TarEntry("a/b/c/new", .file), "2"),
            ], into: "top", below: ["base"])
        try inMountNamespace {
            let mount = mount("top", "base")
            try mount.mount(rules: Overlay())
            #expect(
                try stock("sh", "-c", "cd \"$0\" && find . -type f | sort", mount.target)
                    == "./a/b/c/new\n./dir/new\n")
            try OverlayMount.unmount(mount.target)
        }
    }

    @Test func `a layer that is there twice is mounted once`() throws {
        try #require(isRoot, "mounting needs root")
        for name in ["a", "e"] { try Files.makeDirectories(scratch(name)) }
        try Files.write("1", to: scratch("a/f"))
        try inMountNamespace {
            let mount = mount("e", "a", "e", "a")
            try mount.mount(rules: Overlay())
            #expect(try Files.readText("\(mount.target)/f") == "1")
            try OverlayMount.unmount(mount.target)
        }
    }

    @Test func `a hundred and fifty layers with long names are mounted`() throws {
        try #require(isRoot, "mounting needs root")
        let names = (0..<150).map { String(repeating: "x", count: 64) + "\($0)" }
        for name in names {
            try Files.makeDirectories(scratch(name))
            try Files.write(name, to: scratch("\(name)/all"))
            try Files.write("", to: scratch("\(name)/f\(name.utf8.count)-\(name.suffix(3))"))
        }
        try inMountNamespace {
            let mount = OverlayMount(
                lower: names.map { scratch($0) }, upper: scratch("upper"), work: scratch("work"),
                target: scratch("merged"))
            try mount.mount(rules: Overlay())
            #expect(try Files.readText("\(mount.target)/all") == names[0], "the topmost is first")
            #expect(try Files.list(mount.target).count == 151)
            try OverlayMount.unmount(mount.target)
        }
    }
}
