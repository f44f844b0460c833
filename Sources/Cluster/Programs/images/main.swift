// images: what is in an OCI layout, and the kit's own images in it.
import ArgumentParser
import Images
import Linux

struct ImagesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "images",
        abstract: "Builds, lists and unpacks container images in an OCI layout.",
        discussion: "example: images list --layout .drydock/images",
        subcommands: [BuildSet.self, List.self, Show.self, Unpack.self])
}

struct LayoutOption: ParsableArguments {
    @Option(help: "The directory of the OCI layout.") var layout: String
}

struct BuildSet: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build-set",
        abstract: "Builds drydock/busybox and drydock/web:v1, :v2, :v3-broken.",
        discussion: """
            The same programs give the same digests. Other images in the layout stay.
            example: images build-set --out .drydock/images --busybox /bin/busybox --web .build/release/web
            """, aliases: ["build"])
    @Option(help: "The directory of the OCI layout; made if it is not there.") var out: String
    @Option(help: "A static busybox.") var busybox = "/bin/busybox"
    @Option(help: "The kit's static web server.") var web: String

    func run() throws {
        let kit = KitImages(busybox: busybox, web: web)
        for name in try kit.build(into: out) { print(name) }
    }
}

struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Lists the images that have a name.",
        discussion: "example: images list --layout .drydock/images")
    @OptionGroup var layout: LayoutOption

    func run() throws {
        let store = ImageStore(layout: layout.layout, layers: "", overlay: "")
        for (name, digest) in try store.list() { print("\(digest)  \(name)") }
    }
}

struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what an image is made of and what it runs.",
        discussion: "example: images show --layout .drydock/images drydock/web:v1")
    @OptionGroup var layout: LayoutOption
    @Argument(help: "The image's name.") var name: String

    func run() throws {
        let image = try ImageStore(layout: layout.layout, layers: "", overlay: "").resolve(name)
        print("name         \(image.name)")
        print("digest       \(image.digest)")
        print("size         \(image.sizeBytes) bytes")
        for layer in image.layers { print("layer        \(layer)") }
        print("entrypoint   \(image.config.entrypoint)")
        print("command      \(image.config.command)")
        print("environment  \(image.config.environment)")
        print("directory    \(image.config.workingDirectory)")
        if !image.config.user.isEmpty { print("user         \(image.config.user)") }
        if let signal = image.config.stopSignal { print("stop signal  \(signal)") }
    }
}

struct Unpack: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Unpacks an image's layers and prints them as `overlay mount --lower` takes them.",
        discussion: """
            example: images unpack --layout .drydock/images --layers /tmp/layers \\
                       --overlay .build/release/overlay drydock/web:v1
            """)
    @OptionGroup var layout: LayoutOption
    @Option(help: "The directory of unpacked layers.") var layers: String
    @Option(help: "The kit's overlay program.") var overlay: String
    @Argument(help: "The image's name.") var name: String

    func run() throws {
        let store = ImageStore(layout: layout.layout, layers: layers, overlay: overlay)
        print(try store.unpack(try store.resolve(name)).joined(separator: ":"))
    }
}

ImagesCommand.main()
