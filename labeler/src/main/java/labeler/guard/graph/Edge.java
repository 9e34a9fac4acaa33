package labeler.guard.graph;

/**
 * A use of one node by another, or by a device, a job or an export.
 *
 * @param parent the name of a node; that of a device, a drive, an export or a job has its kind before it, and a space
 * @param child a node's name
 * @param role as qemu names it: {@code file}, {@code backing}, {@code data-file}, {@code root}
 * @param writes whether the parent may write to the child
 */
public record Edge(String parent, String child, String role, boolean writes) {
    /** The kind of a drive or a device. */
    static final String BACKEND = "block-backend";

    /** A user that is no node. A space is in no name of a node. */
    static String user(String kind, String name) {
        return kind + " " + name;
    }
}
