import ContractNamespaces

/// The container's root directory, and what is mounted in it.
extension Namespaces {
    /// Nothing mounted from here on is seen outside. pivot_root wants a mount point as the new root.
    /// The mounts need the host's paths, so they come before the old root goes. The old root goes
    /// for good, and nothing of it stays open, not even as the working directory.
    public func enterRoot(_ setup: RootSetup, kernel: any Kernel) throws {
        // step 01.4 begin
        try kernel.mount(nil, "/", nil, setup.propagation)
        try kernel.mount(setup.rootfs, setup.rootfs, nil, [.bind, .recursive])
        for mount in setup.mounts { try attach(mount, below: setup.rootfs, kernel) }
        try kernel.chdir(setup.rootfs)
        try kernel.pivotRoot(".", ".")
        // The old root now lies on top of the new one, and is what "." means to umount2.
        try kernel.umount2(".", .detach)
        try kernel.chdir("/")
        // step 01.4 end
    }

    /// One mount takes up to three calls: the mount; the flags that a bind mount did not take, by a
    /// remount of the bind; the propagation, which no other flag may come with.
    func attach(_ mount: MountRequest, below rootfs: String, _ kernel: any Kernel) throws {
        // step 01.5 begin
        let target = rootfs + mount.target
        if mount.flags.contains(.bind) {
            try kernel.mount(
                mount.source, target, nil, mount.flags.intersection([.bind, .recursive]))
            let rest = mount.flags.subtracting([.bind, .recursive])
            if !rest.isEmpty {
                try kernel.mount(nil, target, nil, rest.union([.remount, .bind]))
            }
        } else {
            try kernel.mount(mount.source, target, mount.type, mount.flags, mount.data)
        }
        if !mount.propagation.isEmpty { try kernel.mount(nil, target, nil, mount.propagation) }
        // step 01.5 end
    }
}
