import Linux

/// A lab's Swift files as they lie in a folder, read once: what is judged is built from these bytes and no others.
///
/// Whose folder it is nobody knows. So what is no plain file of a reasonable size with text in it is refused, in words
/// for whoever handed it in: a link could lead to the answers, a device or a pipe would never end.
struct HandIn: Equatable {
    struct File: Equatable {
        let name: String
        let bytes: [UInt8]
    }
    let files: [File]

    /// Why there is nothing to judge.
    struct Refused: Error, CustomStringConvertible {
        let description: String
    }

    static let fileBytesMax = 256 << 10
    static let filesMax = 64

    /// - Parameter needed: the names of the lab's own files.
    /// - Throws: `Refused`.
    init(folder: String, needed: [String]) throws {
        let names = try Self.names(in: folder)
        guard names.count <= Self.filesMax else {
            throw Refused(description: "\(names.count) Swift files are more than any part has")
        }
        if names.contains("main.swift") {
            throw Refused(
                description:
                    "main.swift is the kit's: a part has no main program of its own. Take the file away, or give it another name and put what it does into a function"
            )
        }
        let missing = needed.filter { !names.contains($0) }
        if !missing.isEmpty {
            throw Refused(
                description: "\(missing.joined(separator: ", ")) is missing. \(Self.advice(folder))"
            )
        }
        files = try names.map { File(name: $0, bytes: try Self.read("\(folder)/\($0)", $0)) }
    }

    /// The names of the Swift files, sorted.
    private static func names(in folder: String) throws(Refused) -> [String] {
        if let kind = archive(folder) {
            throw Refused(description: "this is \(kind), not a folder: unpack it first")
        }
        guard Files.isDirectory(folder), let all = try? Files.list(folder) else {
            throw Refused(
                description: "there is no folder of this name that can be read, or it is a link")
        }
        let names = all.filter { $0.hasSuffix(".swift") && !$0.hasPrefix(".") }
        guard !names.isEmpty else {
            throw Refused(description: "the folder holds no Swift files. \(advice(folder))")
        }
        return names
    }

    /// What is read is what was opened: no link, nothing that blocks, nothing without an end.
    private static func read(_ path: String, _ name: String) throws(Refused) -> [UInt8] {
        func refuse(_ why: String) -> Refused { Refused(description: "\(name) \(why)") }
        let noFollow = O_NOFOLLOW | O_NONBLOCK
        guard let file = try? FileDescriptor.open(path, noFollow) else {
            throw refuse("is a link or can't be read: hand in the file itself")
        }
        var status = stat()
        guard fstat(file.raw, &status) == 0, Int32(status.st_mode) & S_IFMT == S_IFREG else {
            throw refuse("is no plain file")
        }
        guard status.st_size <= fileBytesMax, let bytes = try? file.readToEnd(),
            bytes.count <= fileBytesMax
        else { throw refuse("is larger than \(fileBytesMax >> 10) KiB, more than any part needs") }
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            throw refuse("is saved as UTF-16: save it as UTF-8")
        }
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
            throw refuse("is not text in UTF-8: save it as a text file again")
        }
        return bytes
    }

    /// Where Swift files are, when they are not where they were looked for.
    private static func advice(_ folder: String) -> String {
        let inner = ((try? Files.list(folder)) ?? []).sorted()
        let nested = inner.first { name in
            Files.isDirectory("\(folder)/\(name)")
                && ((try? Files.list("\(folder)/\(name)")) ?? []).contains {
                    $0.hasSuffix(".swift")
                }
        }
        if let nested { return "There are some in \(nested)/ below it: name that folder" }
        let packed = inner.first { archive("\(folder)/\($0)") != nil }
        if let packed { return "\(packed) is an archive: unpack it first" }
        return "Name the folder with the lab's own files, as Labs/NN-Topic has them"
    }

    /// What kind of archive a file is, by its first bytes.
    private static func archive(_ path: String) -> String? {
        let noFollow = O_NOFOLLOW | O_NONBLOCK
        guard let file = try? FileDescriptor.open(path, noFollow),
            let head = try? file.read(upTo: 512)
        else {
            return nil
        }
        let kinds: [(name: String, magic: [UInt8], at: Int)] = [
            ("a zip archive", [0x50, 0x4B, 3, 4], 0), ("a gzip archive", [0x1F, 0x8B], 0),
            ("a 7z archive", [0x37, 0x7A, 0xBC, 0xAF], 0),
            ("an xz archive", [0xFD, 0x37, 0x7A], 0),
            ("a rar archive", [0x52, 0x61, 0x72, 0x21], 0),
            ("a tar archive", Array("ustar".utf8), 257),
        ]
        return kinds.first { head.dropFirst($0.at).starts(with: $0.magic) }?.name
    }
}
