package labeler.guard.table;

import java.util.Arrays;
import java.util.Optional;
import labeler.problem.Worded;

/** The meaning of a text among a command's arguments for the files of a VM; its word is the one in the table. */
public enum TextRole implements Worded {
    /** It neither opens nor names anything outside of qemu. */
    NONE,
    /** The name of a node, device, job, export, character device or object of this qemu. */
    REFERENCE,
    /** A file that is read. */
    READ,
    /** A file that is written. */
    WRITE,
    READ_WRITE,
    /** A file that is read and written, and made if it is not there. */
    MAKE,
    DIRECTORY,
    /** The path of a Unix socket. */
    SOCKET,
    /** A program, or text that a shell runs. */
    PROGRAM,
    /** A name in qemu's older way: a path, a protocol with its address, or {@code json:}. */
    LEGACY,
    /** A name that is written into the header of an image. */
    HEADER,
    /** The name that {@code getfd} gave to a descriptor, or the number of one. */
    DESCRIPTOR,
    /** The other end of a network. */
    NETWORK,
    /** Any value; another argument says what it means. */
    VALUE;

    /** Whether it may stand for something outside of qemu that a VM must hold, or may not have. */
    public boolean isOutside() {
        return switch (this) {
            case READ, WRITE, READ_WRITE, MAKE, DIRECTORY, SOCKET, PROGRAM, LEGACY, HEADER, DESCRIPTOR, VALUE -> true;
            case NONE, REFERENCE, NETWORK -> false;
        };
    }

    static Optional<TextRole> of(String word) {
        return Arrays.stream(values()).filter(role -> role.word().equals(word)).findFirst();
    }
}
