import Linux
import Snapshots
import SolutionOverlay
import Testing

@Suite struct UnpackTests {
    let scratch: Scratch
    init() throws { scratch = try Scratch() }

    /// Writes a tar of these entries and unpacks it into `layer`.
    private func unpack(_ entries: [(TarEntry, String)]) throws {
        var writer = TarWriter(try .open(scratch("layer.tar"), O_WRONLY | O_CREAT | O_TRUNC))
        for (entry, text) in entries { try writer.add(entry, Array(text.utf8)) }
        try writer.finish()
        try unpack(scratch("layer.tar"))
    }

    private func unpack(_ tar: String) throws {
        var unpacker = try Unpacker(into: scratch("layer"), rules: Overlay())
        try unpacker.unpack(TarReader(try .open(tar)))
    }

    private func complaint(_ entries: [(TarEntry, String)]) -> String {
        do {
            try unpack(entries)
            return "none"
        } catch { return "\(error)" }
    }

    private func link(_ path: String, to target: String) -> (TarEntry, String) {
        (TarEntry(path, .symbolicLink(target: target), mode: 0o777), "")
    }
    private func file(_ path: String, _ text: String) -> (TarEntry, String) {
        (TarEntry(path, .file), text)
    }
    private func text(_ path: String) throws -> String {
        try Files.readText(scratch("layer/\(path)"))
    }

    @Test func `what GNU tar packed comes out with its modes, links, owners and times`() throws {
        let source = scratch("source")
        try Files.makeDirectories("\(source)/d/e")
        try Files.write("hello", to: "\(source)/d/e/f")
        chmod("\(source)/d/e/f", 0o4750)
        chmod("\(source)/d", 0o1777)
        CLinux.link("\(source)/d/e/f", "\(source)/hard")
        symlink("/etc/passwd", "\(source)/soft")
        if isRoot {
            lchown("\(source)/soft", 7, 8)
            chown("\(source)/hard", 1000, 1001)
            chmod("\(source)/hard", 0o4750)
            mknod("\(source)/null", mode_t(S_IFCHR) | 0o666, clinux_makedev(1, 3))
        }
        try stock("tar", "-C", source, "-cf", scratch("s.tar"), ".")
        try unpack(scratch("s.tar"))
        let format = "%P %y %m %U %G %s %l %T@\\n"
        func listing(_ root: String) throws -> [Substring] {
            try stock("find", root, "-mindepth", "1", "-not", "-type", "d", "-printf", format)
                .split(separator: "\n").map { $0.prefix { $0 != "." } }.sorted()
        }
        #expect(try listing(source) == listing(scratch("layer")))
        #expect(try stock("stat", "-c", "%a", scratch("layer/d")) == "1777\n")
        var (one, other) = (stat(), stat())
        lstat(scratch("layer/hard"), &one)
        lstat(scratch("layer/d/e/f"), &other)
        #expect(one.st_ino == other.st_ino)
        #expect(one.st_mode & 0o7777 == 0o4750)
    }

    @Test(arguments: ["../outside", "d/../../outside", "/../outside"])
    func `a path with .. is refused`(path: String) throws {
        #expect(
            complaint([file(path, "evil")])
                == "tar entry \"\(path.hasPrefix("/") ? String(path.dropFirst()) : path)\": "
                + "a path with .. could lead out of the layer")
        #expect(!Files.exists(scratch("outside")))
    }

    @Test func `a name that is not UTF-8 is refused, in a tar and in a directory`() throws {
        try Files.makeDirectories(scratch("source"))
        try stock("sh", "-c", "cd \"$0\" && : > \"$(printf 'a\\377b')\"", scratch("source"))
        try stock("tar", "-C", scratch("source"), "-cf", scratch("bytes.tar"), ".")
        #expect(
            throws: SnapshotError.hostileEntry(
                "./a\u{FFFD}b", "its name is not UTF-8, or has a NUL in it")
        ) {
            try unpack(scratch("bytes.tar"))
        }
        #expect(
            throws: SnapshotError.hostileEntry(
                "a\u{FFFD}b", "its name is not UTF-8")
        ) {
            try LayerPacker(to: scratch("out.tar"), rules: Overlay()).pack(upper: scratch("source"))
        }
    }

    @Test func `an absolute path is taken from the layer's root`() throws {
        try unpack([file("/etc/x", "inside")])
        #expect(try text("etc/x") == "inside")
    }

    @Test func `a file below a link that leads out lands inside`() throws {
        try Files.makeDirectories(scratch("victim"))
        try unpack([link("a", to: scratch("victim")), file("ok", "1")])
        // The link's target, seen from the layer's root, isn't there.
        #expect(
            complaint([link("a", to: scratch("victim")), file("a/f", "evil")]).contains(
                "a link to nowhere"))
        #expect(try Files.list(scratch("victim")) == [])
        // Where it is there, it is the layer's own.
        try unpack([
            (TarEntry("usr/lib", .directory, mode: 0o755), ""), link("lib", to: "/usr/lib"),
            file("lib/f", "in"),
        ])
        #expect(try text("usr/lib/f") == "in")
        try unpack([link("up", to: "../../../../../.."), file("up/g", "in")])
        #expect(try text("g") == "in")
    }

    @Test func `a link that leads out is replaced, never written through`() throws {
        try Files.write("untouched", to: scratch("victim"))
        try unpack([link("a", to: scratch("victim")), file("a", "new")])
        #expect(try Files.readText(scratch("victim")) == "untouched")
        #expect(try text("a") == "new")
    }

    @Test func `a hard link can't reach what is outside`() throws {
        try Files.write("secret", to: scratch("victim"))
        let outside = [(TarEntry("h", .hardLink(target: "../victim")), "")]
        #expect(
            complaint(outside)
                == "tar entry \"../victim\": a path with .. could lead out of the layer")
        // Through a link: the link itself is linked, and it leads nowhere.
        try unpack([link("a", to: scratch("victim")), (TarEntry("h", .hardLink(target: "a")), "")])
        var info = stat()
        lstat(scratch("layer/h"), &info)
        #expect(Int32(info.st_mode) & S_IFMT == S_IFLNK)
        let through = [
            link("d", to: scratch.path), (TarEntry("h2", .hardLink(target: "d/victim")), ""),
        ]
        #expect(complaint(through) != "none")
        #expect(!Files.exists(scratch("layer/h2")))
    }

    @Test func `a directory that becomes a link is emptied without following links in it`() throws {
        try Files.makeDirectories(scratch("victim"))
        try Files.write("untouched", to: scratch("victim/f"))
        try unpack([
            (TarEntry("d", .directory, mode: 0o755), ""), link("d/out", to: scratch("victim")),
            file("d", "now a file"),
        ])
        #expect(try Files.readText(scratch("victim/f")) == "untouched")
        #expect(try text("d") == "now a file")
    }

    @Test func `permissions of a directory are not changed through a link`() throws {
        try Files.makeDirectories(scratch("victim"), mode: 0o700)
        try unpack([
            (TarEntry("d", .directory, mode: 0o777), ""), link("d", to: scratch("victim")),
        ])
        #expect(try stock("stat", "-c", "%a", scratch("victim")) == "700\n")
    }

    @Test func `whiteouts become devices 0:0 and opaque marks an attribute`() throws {
        try #require(isRoot, "devices need root")
        try unpack([
            (TarEntry("d", .directory, mode: 0o755), ""), file("d/.wh.gone", ""),
            file("e/.wh..wh..opq", ""),
            file(".wh..wh.plnk", ""),
        ])
        #expect(
            try stock("stat", "-c", "%F %t:%T", scratch("layer/d/gone"))
                == "character special file 0:0\n")
        var value = [UInt8](repeating: 0, count: 8)
        #expect(lgetxattr(scratch("layer/e"), "trusted.overlay.opaque", &value, 8) == 1)
        #expect(value[0] == UInt8(ascii: "y"))
        #expect(try Files.list(scratch("layer")) == ["d", "e"])
    }

    @Test(arguments: [true, false])
    func `a directory deleted and made anew in one layer is opaque, in whatever order`(first: Bool)
        throws
    {
        try #require(isRoot, "trusted attributes need root")
        let mark = file(".wh.d", "")
        let directory = [(TarEntry("d", .directory, mode: 0o755), ""), file("d/new", "1")]
        try unpack(first ? [mark] + directory : directory + [mark])
        #expect(lgetxattr(scratch("layer/d"), "trusted.overlay.opaque", nil, 0) == 1)
        #expect(try text("d/new") == "1")
    }

    @Test(arguments: [".wh...", ".wh..", ".wh.", "d/.wh..."])
    func `a whiteout of no proper name does no harm`(name: String) throws {
        let words = complaint([file("keep", "1"), file(name, "")])
        #expect(words.hasPrefix("tar entry"), "\(words)")
        #expect(try text("keep") == "1")
    }

    @Test func `overlay's own marks can't be smuggled in`() throws {
        try #require(isRoot, "devices need root")
        #expect(
            complaint([(TarEntry("x", .characterDevice(major: 0, minor: 0)), "")])
                == "tar entry \"x\": a device 0:0 is overlay's whiteout")
        try unpack([
            (
                TarEntry(
                    "f", .file,
                    attributes: [
                        "trusted.overlay.redirect": Array("/etc".utf8),
                        "user.overlay.opaque": [121],
                        "user.note": [49],
                    ]), ""
            )
        ])
        #expect(lgetxattr(scratch("layer/f"), "trusted.overlay.redirect", nil, 0) == -1)
        #expect(lgetxattr(scratch("layer/f"), "user.overlay.opaque", nil, 0) == -1)
        #expect(lgetxattr(scratch("layer/f"), "user.note", nil, 0) == 1)
    }

    @Test func `a read-only directory can be filled`() throws {
        try unpack([(TarEntry("d", .directory, mode: 0o555, modified: 1000), ""), file("d/f", "1")])
        #expect(try stock("stat", "-c", "%a %Y", scratch("layer/d")) == "555 1000\n")
    }
}
