import Linux
import Testing

@testable import Study

/// What is handed in is read once, and what is no part is refused with the reason.
@Suite struct HandInTests {
    private func refusal(_ make: (String) throws -> Void) throws -> String? {
        let folder = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-hand-in-")
        defer { try? Files.removeTree(folder) }
        try make(folder)
        do { _ = try HandIn(folder: folder, needed: ["A.swift", "B.swift"]) } catch let refused
            as HandIn.Refused
        {
            return refused.description
        }
        return nil
    }

    private func part(_ folder: String) throws {
        for name in ["A", "B"] {
            try Files.write("let \(name) = 1\n", to: "\(folder)/\(name).swift")
        }
    }

    private func bytes(_ bytes: [UInt8], _ path: String) throws {
        try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC).write(bytes)
    }

    @Test func thePartsFilesAreTakenAsTheyAre() throws {
        #expect(
            try refusal {
                try part($0)
                try Files.write("", to: "\($0)/Mine.swift")
            } == nil)
        // Other files and hidden ones are nobody's business.
        #expect(
            try refusal {
                try part($0)
                try Files.write("x", to: "\($0)/notes.txt")
            } == nil)
        #expect(
            try refusal {
                try part($0)
                try bytes([0, 1], "\($0)/._A.swift")
            } == nil)
        // A byte order mark of UTF-8, and the line ends of Windows.
        #expect(
            try refusal {
                try part($0)
                try bytes([0xEF, 0xBB, 0xBF] + Array("let a = 1\r\n".utf8), "\($0)/A.swift")
            } == nil)
    }

    @Test func whatIsNoPartIsRefusedWithTheReason() throws {
        let cases: [(String, (String) throws -> Void)] = [
            ("holds no Swift files", { _ in }),
            (
                "There are some in 10-Small/",
                { folder in
                    try Files.makeDirectories("\(folder)/10-Small")
                    try part("\(folder)/10-Small")
                }
            ),
            (
                "hand-in.zip is an archive",
                { try bytes([0x50, 0x4B, 3, 4, 0], "\($0)/hand-in.zip") }
            ),
            ("B.swift is missing", { try Files.write("", to: "\($0)/A.swift") }),
            (
                "main.swift is the kit's",
                {
                    try part($0)
                    try Files.write("", to: "\($0)/main.swift")
                }
            ),
            (
                "A.swift is saved as UTF-16",
                {
                    try part($0)
                    try bytes([0xFF, 0xFE, 0x61, 0], "\($0)/A.swift")
                }
            ),
            (
                "A.swift is saved as UTF-16",
                {
                    try part($0)
                    try bytes([0xFE, 0xFF, 0, 0x61], "\($0)/A.swift")
                }
            ),
            (
                "B.swift is not text in UTF-8",
                {
                    try part($0)
                    try bytes([0x7F, 0x45, 0x4C, 0x46, 0], "\($0)/B.swift")
                }
            ),
            (
                "B.swift is not text in UTF-8",
                {
                    try part($0)
                    try bytes([0x61, 0xFF, 0x62], "\($0)/B.swift")
                }
            ),
            (
                "A.swift is larger than 256 KiB",
                {
                    try part($0)
                    try bytes([UInt8](repeating: 0x20, count: 300 << 10), "\($0)/A.swift")
                }
            ),
            (
                "C.swift is a link",
                {
                    try part($0)
                    symlink("\($0)/A.swift", "\($0)/C.swift")
                }
            ),
            (
                "C.swift is a link",
                {
                    try part($0)
                    symlink("/nowhere", "\($0)/C.swift")
                }
            ),
            (
                "C.swift is no plain file",
                {
                    try part($0)
                    mkfifo("\($0)/C.swift", 0o644)
                }
            ),
            (
                "C.swift is no plain file",
                {
                    try part($0)
                    mkdir("\($0)/C.swift", 0o755)
                }
            ),
            (
                "65 Swift files are more",
                { folder in
                    try part(folder)
                    for index in 1...63 { try Files.write("", to: "\(folder)/X\(index).swift") }
                }
            ),
        ]
        for (words, make) in cases {
            let seen = try refusal(make)
            #expect(seen?.contains(words) == true, "\(words): \(seen ?? "taken")")
        }
    }

    @Test func aFolderThatIsNoneIsRefusedToo() throws {
        let place = try Files.makeTemporaryDirectory(prefix: "/tmp/drydock-hand-in-")
        defer { try? Files.removeTree(place) }
        try part(place)
        symlink(place, "\(place)/link")
        try bytes([0x50, 0x4B, 3, 4, 0], "\(place)/a.zip")
        for (name, words) in [
            ("link", "it is a link"), ("a.zip", "is a zip archive"),
            ("none", "no folder of this name"),
        ] {
            do {
                _ = try HandIn(folder: "\(place)/\(name)", needed: [])
                Issue.record("\(name) was taken")
            } catch let refused as HandIn.Refused {
                #expect(refused.description.contains(words), "\(refused)")
            }
        }
    }
}
