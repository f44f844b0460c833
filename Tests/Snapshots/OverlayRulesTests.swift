import ContractOverlay
import Snapshots
import SolutionOverlay
import Testing

@Suite struct OverlayRulesTests {
    /// The reference, asked through JSON, as a part behind the pipe is.
    let rules = RemoteOverlay(JSONAsker(part: Overlay()))

    @Test func `lowerdir has the topmost layer first`() throws {
        #expect(try rules.lowerdir(["/base", "/app", "/config"]) == "/config:/app:/base")
    }

    @Test func `lowerdir escapes what the kernel takes for its own`() throws {
        #expect(try rules.lowerdir([#"/a:b,c\d"#]) == #"/a\:b\,c\\d"#)
    }

    private func view(_ path: String, _ layers: [LayerEntry]...) throws -> OverlayView {
        try rules.lookup(OverlayLookup(path: path, layers: layers))
    }

    @Test func `the root merges all layers`() throws {
        #expect(try view("", [], []) == .directory(layers: [0, 1]))
    }

    @Test func `a file of an upper layer hides the one below`() throws {
        #expect(try view("a", [.init("a", .file)], [.init("a", .file)]) == .file(layer: 0))
        #expect(try view("a", [], [.init("a", .file)]) == .file(layer: 1))
    }

    @Test func `directories of one path merge, and stop at an opaque one`() throws {
        let directory = LayerEntry("d", .directory)
        #expect(
            try view("d", [directory], [directory], [directory]) == .directory(layers: [0, 1, 2]))
        #expect(
            try view("d", [directory], [.init("d", .opaqueDirectory)], [directory])
                == .directory(layers: [0, 1]))
    }

    @Test func `a file hides a directory below and all that is in it`() throws {
        let lower = [LayerEntry("d", .directory), LayerEntry("d/f", .file)]
        #expect(try view("d", [.init("d", .file)], lower) == .file(layer: 0))
        #expect(try view("d/f", [.init("d", .file)], lower) == .absent)
    }

    @Test func `a directory above a file does not merge with what is below the file`() throws {
        let directory = [LayerEntry("d", .directory), LayerEntry("d/f", .file)]
        #expect(
            try view("d", [directory[0]], [.init("d", .file)], directory) == .directory(layers: [0])
        )
        #expect(try view("d/f", [directory[0]], [.init("d", .file)], directory) == .absent)
    }

    @Test func `a whiteout hides what is below and not what is above`() throws {
        let whiteout = [LayerEntry("a", .whiteout)]
        #expect(try view("a", whiteout, [.init("a", .file)]) == .absent)
        #expect(
            try view("a", [.init("a", .file)], whiteout, [.init("a", .file)]) == .file(layer: 0))
    }

    @Test func `a whited-out directory hides what is in it`() throws {
        let lower = [LayerEntry("d", .directory), LayerEntry("d/f", .file)]
        #expect(try view("d/f", [.init("d", .whiteout)], lower) == .absent)
    }

    @Test func `a name is looked for only in layers that gave its directory`() throws {
        let deep = [LayerEntry("d", .directory), LayerEntry("d/f", .file)]
        #expect(try view("d/f", [.init("d", .opaqueDirectory)], deep) == .absent)
    }

    private func change(
        _ operation: CopyUpRequest.Operation, _ elements: CopyUpRequest.Element...
    ) throws -> [UpperChange] {
        try rules.copyUp(CopyUpRequest(operation, elements))
    }
    private let lowerDirectory = CopyUpRequest.Element("d", inUpper: false, inLower: true)
    private let lowerFile = CopyUpRequest.Element("d/f", inUpper: false, inLower: true)
    private let upperFile = CopyUpRequest.Element("d/f", inUpper: true, inLower: true)
    private let nothing = CopyUpRequest.Element("d/f", inUpper: false, inLower: false)

    @Test func `reading copies nothing up`() throws {
        #expect(try change(.read, lowerDirectory, lowerFile) == [])
    }

    @Test func `the first write copies the file up, after the directories that lead to it`() throws
    {
        #expect(try change(.modify, lowerDirectory, lowerFile) == [.copyUp("d"), .copyUp("d/f")])
    }

    @Test func `what is in the upper directory is written in place`() throws {
        let upperDirectory = CopyUpRequest.Element("d", inUpper: true, inLower: true)
        #expect(try change(.modify, upperDirectory, upperFile) == [])
    }

    @Test func `removing what is below leaves a whiteout`() throws {
        #expect(try change(.remove, lowerDirectory, lowerFile) == [.copyUp("d"), .whiteout("d/f")])
        let upperDirectory = CopyUpRequest.Element("d", inUpper: true, inLower: true)
        #expect(
            try change(.remove, upperDirectory, upperFile) == [.remove("d/f"), .whiteout("d/f")])
    }

    @Test func `removing what only the upper directory has leaves nothing`() throws {
        let own = CopyUpRequest.Element("f", inUpper: true, inLower: false)
        #expect(try change(.remove, own) == [.remove("f")])
    }

    @Test func `a directory made where one was deleted is opaque`() throws {
        #expect(try change(.makeDirectory, lowerFile) == [.createOpaque("d/f")])
        #expect(try change(.makeDirectory, nothing) == [.create("d/f")])
    }

    @Test(arguments: [
        ("etc/passwd", UnpackAction.create("etc/passwd")),
        (".wh.a", .whiteout("a")), ("d/e/.wh.a", .whiteout("d/e/a")),
        ("d/.wh..wh..opq", .opaque("d")), (".wh..wh..opq", .opaque("")),
        (".wh..wh.plnk", .skip), ("d/.wh..wh.aufs", .skip),
        ("d/a.wh.b", .create("d/a.wh.b")), ("d/.whatever", .create("d/.whatever")),
        (".wh.d/f", .create(".wh.d/f")),
    ])
    func `a tar's names become files, whiteouts and marks`(name: String, action: UnpackAction)
        throws
    {
        #expect(try rules.unpack(name) == action)
    }

    @Test func `a device 0:0 becomes a .wh. file, any other device stays one`() throws {
        #expect(try rules.pack(.init("d/a", .characterDevice)) == [.marker("d/.wh.a")])
        #expect(try rules.pack(.init("a", .characterDevice)) == [.marker(".wh.a")])
        #expect(
            try rules.pack(.init("null", .characterDevice, major: 1, minor: 3)) == [.same("null")])
        #expect(try rules.pack(.init("f", .file)) == [.same("f")])
    }

    @Test(arguments: ["trusted", "user"])
    func `an opaque directory is followed by its mark`(attributeClass: String) throws {
        let name = "\(attributeClass).overlay.opaque"
        #expect(
            try rules.pack(.init("d", .directory, attributes: [name: "y"]))
                == [.same("d"), .marker("d/.wh..wh..opq")])
        // Newer kernels write x where a directory merely holds whiteouts kept as attributes.
        #expect(try rules.pack(.init("d", .directory, attributes: [name: "x"])) == [.same("d")])
    }

    @Test func `a layer has what is new, what differs, and one whiteout for a deleted tree`() throws
    {
        let before = [
            TreeEntry("a", isDirectory: false, "1"), TreeEntry("b", isDirectory: false, "1"),
            TreeEntry("gone", isDirectory: true, ""), TreeEntry("gone/x", isDirectory: false, "1"),
            TreeEntry("turned", isDirectory: true, ""),
            TreeEntry("turned/x", isDirectory: false, "1"),
        ]
        let after = [
            TreeEntry("a", isDirectory: false, "1"), TreeEntry("b", isDirectory: false, "2"),
            TreeEntry("c", isDirectory: false, "1"), TreeEntry("turned", isDirectory: false, "1"),
        ]
        #expect(
            try rules.layerDiff(TreePair(before: before, after: after)) == [
                .init("b", .entry), .init("c", .entry), .init("gone", .whiteout),
                .init("turned", .entry),
            ])
    }

    @Test
    func `options name the layers, the changes and, in a user namespace, the attributes' class`()
        throws
    {
        let mount = OverlayMount(lower: ["/app", "/base"], upper: "/u,p", work: "/w", target: "/t")
        #expect(
            try mount.options(rules: rules, inUserNamespace: false)
                == #"lowerdir=/app:/base,upperdir=/u\,p,workdir=/w"#)
        #expect(try mount.options(rules: rules, inUserNamespace: true).hasSuffix(",userxattr"))
    }

    @Test func `more layers than a page of options holds are refused by number`() throws {
        let lower = (0..<200).map { "/layers/sha256/\(String(repeating: "a", count: 30))\($0)" }
        let mount = OverlayMount(lower: lower, upper: "/u", work: "/w", target: "/t")
        #expect {
            _ = try mount.options(rules: rules, inUserNamespace: false)
        } throws: {
            "\($0)" == "the mount options of 200 layers take 9721 bytes, the kernel 4095: "
                + "use shorter paths or fewer layers"
        }
    }
}
