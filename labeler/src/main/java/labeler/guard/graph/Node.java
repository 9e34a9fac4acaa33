package labeler.guard.graph;

/**
 * A block node.
 *
 * @param name of the client's, or qemu's own ({@code #block123})
 * @param driver as {@code qcow2}, {@code file}
 * @param isReadOnly as qemu tells; of a file node with {@code auto-read-only} it does not say how its descriptor is open
 * @param isDirect whether it bypasses the host's page cache (O_DIRECT)
 * @param file the name that qemu has it under, or {@code json:} with its options
 * @param backing the name of the backing file in its header; empty if the header has none
 * @param isActive whether qemu may write it: after a migration another qemu may have its file. Told since qemu 10.0
 */
public record Node(
        String name,
        String driver,
        boolean isReadOnly,
        boolean isDirect,
        String file,
        String backing,
        boolean isActive) {
    /** An active one. */
    public Node(String name, String driver, boolean isReadOnly, boolean isDirect, String file, String backing) {
        this(name, driver, isReadOnly, isDirect, file, backing, true);
    }

    /** Whether it is a file, or a device, of this host. */
    public boolean isFile() {
        return switch (driver) {
            case "file", "host_device", "host_cdrom", "io_uring" -> true;
            default -> false;
        };
    }
}
