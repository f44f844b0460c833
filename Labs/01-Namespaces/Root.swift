import ContractNamespaces

/// The container's root directory, and what is mounted in it.
extension Namespaces {
    /// Nothing mounted from here on is seen outside. pivot_root wants a mount point as the new root.
    /// The mounts need the host's paths, so they come before the old root goes. The old root goes
    /// for good, and nothing of it stays open, not even as the working directory.
    public func enterRoot(_ setup: RootSetup, kernel: any Kernel) throws {
        // step 01.4 begin
        throw Unfinished("01.4")
        // step 01.4 end
    }

    /// One mount takes up to three calls: the mount; the flags that a bind mount did not take, by a
    /// remount of the bind; the propagation, which no other flag may come with.
    func attach(_ mount: MountRequest, below rootfs: String, _ kernel: any Kernel) throws {
        // step 01.5 begin
        throw Unfinished("01.5")
        // step 01.5 end
    }
}
