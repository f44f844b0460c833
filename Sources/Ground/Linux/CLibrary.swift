// Whoever imports Linux gets the C library with it, so that no other module needs the shim by name.
@_exported import CLinux
