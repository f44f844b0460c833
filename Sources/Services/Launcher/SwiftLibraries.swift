import Linux

/// Where Swift's runtime lies, which the kit's programs are linked with: in the toolchain, outside `/usr`, on most machines.
enum SwiftLibraries {
    /// The folders of the libraries that this very program runs on, but for the system's own. proc_pid_maps(5).
    static func folders() -> [String] {
        let maps = (try? Files.read("/proc/self/maps")) ?? []
        let slash = UInt8(ascii: "/")
        let folders = maps.split(separator: UInt8(ascii: "\n")).compactMap { line -> String? in
            guard let begin = line.firstIndex(of: slash), let end = line.lastIndex(of: slash),
                line[end...].starts(with: Array("/libswift".utf8))
            else { return nil }
            return String(decoding: line[begin..<end], as: UTF8.self)
        }
        return Set(folders).filter { !$0.starts(with: "/usr/") }.sorted()
    }
}
