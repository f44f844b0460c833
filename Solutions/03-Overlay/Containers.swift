import ContractOverlay

extension Overlay {
    /// Nothing of an image is copied for a container: the layers are everybody's, what is written
    /// is one's own. `workdir` is the kernel's: beside `upperdir`, never in it.
    public func containerMount(_ request: ContainerRequest) throws -> ContainerMount {
        // step 03.8 begin
        let home = "\(request.root)/\(request.container)"
        return ContainerMount(
            lowerdir: try lowerdir(request.layers), upperdir: "\(home)/upper",
            workdir: "\(home)/work", merged: "\(home)/merged")
        // step 03.8 end
    }
}
