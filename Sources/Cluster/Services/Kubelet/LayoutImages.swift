import Images
import Linux
import PodRuntime

/// CRI's image verbs on the kit's image store: the node's registry is an OCI layout, pulling is
/// unpacking.
public struct LayoutImages: ImageService {
    private let store: ImageStore

    public init(layout: String, layers: String, overlay: String) {
        store = ImageStore(layout: layout, layers: layers, overlay: overlay)
    }

    /// The layout is on this machine, so an image that is in it is here.
    public func imageStatus(_ reference: String) throws -> ImageStatus? {
        do { return try pullImage(reference) } catch let error as ImageError {
            if case .notFound = error { return nil }
            throw error
        }
    }

    public func pullImage(_ reference: String) throws -> ImageStatus {
        let image = try store.resolve(reference)
        return ImageStatus(
            id: image.imageID, sizeBytes: image.sizeBytes, layers: try store.unpack(image),
            entrypoint: image.config.entrypoint, command: image.config.command,
            environment: image.config.environment,
            workingDirectory: image.config.workingDirectory, user: image.config.user,
            stopSignal: image.config.stopSignal ?? "")
    }
}

/// A user of an image, as numbers: `1000:1000`, `web` or `web:web` looked up in the image's own
/// files.
func lookUpUser(_ text: String, layers: [String]) throws(ConfigFailure) -> (uid: Int, gid: Int) {
    let parts = text.split(separator: ":").map(String.init)
    guard let name = parts.first else { return (0, 0) }
    let passwd = entry(name, column: 0, of: 3, in: "etc/passwd", layers)
    guard let uid = Int(name) ?? passwd.flatMap({ Int($0[2]) }) else {
        throw ConfigFailure("unable to find user \(name): no matching entries in passwd file")
    }
    guard parts.count > 1 else { return (uid, passwd.flatMap { Int($0[3]) } ?? 0) }
    guard
        let gid = Int(parts[1])
            ?? entry(parts[1], column: 0, of: 2, in: "etc/group", layers)
            .flatMap({ Int($0[2]) })
    else {
        throw ConfigFailure("unable to find group \(parts[1]): no matching entries in group file")
    }
    return (uid, gid)
}

/// The line of a colon-separated file whose `column` is `name`, from the topmost layer that has the
/// file.
private func entry(
    _ name: String, column: Int, of columns: Int, in file: String, _ layers: [String]
) -> [String]? {
    for layer in layers {
        guard let text = try? Files.readText("\(layer)/\(file)") else { continue }
        return text.split(separator: "\n")
            .map { $0.split(separator: ":", omittingEmptySubsequences: false).map(String.init) }
            .first { $0.count > columns && $0[column] == name }
    }
    return nil
}

/// Why a container's configuration can't be made.
struct ConfigFailure: Error, CustomStringConvertible {
    let description: String
    init(_ description: String) { self.description = description }
}
