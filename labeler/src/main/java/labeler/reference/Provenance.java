package labeler.reference;

import labeler.problem.Worded;

/** Where a reference in a header comes from, as far as is known. */
public enum Provenance implements Worded {
    /** A definition had another file, or this one, in its place when it was first seen. */
    DEFINITION,
    /** It was there when the image was first seen. */
    FIRST_SIGHT,
    /** A command of ours had a file in its place when it was first seen. */
    COMMAND,
    /** libvirt's own account of the chain has it, as the domain ended. */
    LIBVIRT,
    /** It came while no VM had the image, or somebody has trusted it. */
    ADMINISTRATOR,
    /** It came while a VM could write the image, and nothing else explains it: it is not believed. */
    GUEST,
    /** It was believed, and something that is not believed has come in its place: kept to be named. */
    EARLIER;

    public boolean isBelieved() {
        return switch (this) {
            case DEFINITION, FIRST_SIGHT, COMMAND, LIBVIRT, ADMINISTRATOR -> true;
            case GUEST, EARLIER -> false;
        };
    }
}
