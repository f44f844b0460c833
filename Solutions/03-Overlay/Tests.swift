import ContractOverlay

/// The open step: tests of an overlay's rules. `part` is the reference, or one that is wrong.
public struct OverlayRulesTests: OverlayTests {
    public init() {}

    public func test(_ part: any OverlayRules) throws {
        // step 03.9 begin
        try expect(
            part.lowerdir(["/base", "/app,1:2"]) == #"/app\,1\:2:/base"#,
            "the topmost layer comes first, and its name is escaped")
        try stack(part)
        try changes(part)
        try surprises(part)
        try layers(part)
        // step 03.9 end
    }

    private func stack(_ part: any OverlayRules) throws {
        let layers: [[LayerEntry]] = [
            [LayerEntry("etc", .directory), LayerEntry("etc/motd", .whiteout)],
            [LayerEntry("etc", .opaqueDirectory), LayerEntry("etc/hosts", .file)],
            [
                LayerEntry("etc", .directory), LayerEntry("etc/motd", .file),
                LayerEntry("etc/passwd", .file),
            ],
        ]
        func view(_ path: String) throws -> OverlayView {
            try part.lookup(OverlayLookup(path: path, layers: layers))
        }
        try expect(view("") == .directory(layers: [0, 1, 2]), "the root is all layers' root")
        try expect(view("etc/hosts") == .file(layer: 1), "a file comes from the layer that has it")
        try expect(view("etc/motd") == .absent, "a whiteout hides what is below")
        try expect(view("etc/passwd") == .absent, "nothing shines through an opaque directory")
        try expect(view("etc") == .directory(layers: [0, 1]), "an opaque directory is the last")
        try expect(view("etc/hosts/x") == .absent, "a file has no names in it")
    }

    private func changes(_ part: any OverlayRules) throws {
        let etc = CopyUpRequest.Element("etc", inUpper: false, inLower: true)
        func element(_ upper: Bool, _ lower: Bool) -> CopyUpRequest.Element {
            .init("etc/f", inUpper: upper, inLower: lower)
        }
        func changed(
            _ operation: CopyUpRequest.Operation, _ last: CopyUpRequest.Element
        ) throws -> [UpperChange] { try part.copyUp(CopyUpRequest(operation, [etc, last])) }
        try expect(changed(.read, element(false, true)).isEmpty, "reading copies nothing")
        try expect(
            changed(.modify, element(false, true)) == [.copyUp("etc"), .copyUp("etc/f")],
            "directories first, then the file")
        try expect(
            changed(.modify, element(true, true)) == [.copyUp("etc")], "nothing is copied twice")
        try expect(
            changed(.remove, element(true, true))
                == [.copyUp("etc"), .remove("etc/f"), .whiteout("etc/f")],
            "what is above goes, what is below is hidden")
        try expect(
            changed(.remove, element(true, false)) == [.copyUp("etc"), .remove("etc/f")],
            "where nothing is below, nothing is hidden")
        try expect(
            changed(.makeDirectory, element(false, true)) == [
                .copyUp("etc"), .createOpaque("etc/f"),
            ],
            "a new directory over an old one is opaque")
    }

    private func surprises(_ part: any OverlayRules) throws {
        try expect(
            part.rename(RenameRequest(isDirectory: true, inUpper: true, inLower: true))
                == .crossDevice, "a merged directory can't be renamed")
        try expect(
            part.rename(
                RenameRequest(isDirectory: true, inUpper: true, inLower: true, isOpaque: true))
                == .renamedLeavingWhiteout, "an opaque one can, and leaves a whiteout")
        try expect(
            part.rename(RenameRequest(isDirectory: false, inUpper: false, inLower: true))
                == .renamedLeavingWhiteout, "a file can")
        try expect(
            part.seenAfterWrite(LinkedWrite(names: ["a", "b"], written: "b", inUpper: false))
                == ["b"], "a copy-up breaks a hard link")
    }

    private func layers(_ part: any OverlayRules) throws {
        try expect(part.unpack("a/.wh.b") == .whiteout("a/b"), "a whiteout from its marker")
        try expect(part.unpack("a/.wh..wh..opq") == .opaque("a"), "an opaque directory")
        try expect(part.unpack(".wh..wh.plnk") == .skip, "reserved names mean nothing")
        let gone = UpperEntry("a/b", .characterDevice, major: 0, minor: 0)
        try expect(part.pack(gone) == [.marker("a/.wh.b")], "and back again")
        let null = UpperEntry("dev/null", .characterDevice, major: 1, minor: 3)
        try expect(part.pack(null) == [.same("dev/null")], "a real device is none")
        let diff = try part.layerDiff(
            TreePair(
                before: [
                    TreeEntry("a", isDirectory: true, "1"),
                    TreeEntry("a/b", isDirectory: false, "2"),
                ],
                after: []))
        try expect(diff == [LayerChange("a", .whiteout)], "one whiteout for a whole directory")
        let mount = try part.containerMount(
            ContainerRequest(layers: ["/base", "/app"], container: "c1", root: "/r"))
        try expect(
            mount.lowerdir == "/app:/base" && mount.workdir != mount.upperdir
                && !mount.workdir.hasPrefix(mount.upperdir + "/"), "workdir lies beside upperdir")
    }
}
