package labeler.guard.table;

import java.util.Optional;

/** What a text among a command's arguments is to the files of a VM. */
public enum Role {
    /** Neither opens nor names anything outside of qemu. */
    NONE("-"),
    /** Of a node, device, job, export, character device or object of this qemu. */
    REFERENCE("reference"),
    FILE_READ("read"),
    FILE_WRITE("write"),
    FILE_READ_WRITE("read-write"),
    /** Read and written, and made where it is not there. */
    FILE_MAKE("make"),
    DIRECTORY("directory"),
    /** A Unix socket's path. */
    SOCKET("socket"),
    /** A program, or text that a shell runs. */
    PROGRAM("program"),
    /** A name in qemu's older way: a path, a protocol with its address, or {@code json:}. */
    LEGACY_NAME("legacy"),
    /** Written into an image's header as the name of another. */
    HEADER_NAME("header"),
    /** Of a descriptor that {@code getfd} has named, or a number of one. */
    DESCRIPTOR("descriptor"),
    /** Something at the other end of a network. */
    NETWORK("network"),
    /** Any value, whose meaning another argument says. */
    VALUE("value"),
    /** A group of properties that no schema describes. */
    PROPERTIES("properties");

    private final String word;

    Role(String word) {
        this.word = word;
    }

    /** As the table writes it. */
    public String word() {
        return word;
    }

    static Optional<Role> of(String word) {
        for (Role role : values()) {
            if (role.word.equals(word)) {
                return Optional.of(role);
            }
        }
        return Optional.empty();
    }
}
