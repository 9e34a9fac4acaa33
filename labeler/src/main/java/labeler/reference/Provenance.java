package labeler.reference;

import labeler.problem.Worded;

/** The source of a reference in a header, as far as it is known. */
public enum Provenance implements Worded {
    /** A definition had another file, or this one, in its place when it was first seen. */
    DEFINITION,
    /** It was there when the image was first seen. */
    FIRST_SIGHT,
    /** A command of ours had a file in its place when it was first seen. */
    COMMAND,
    /** libvirt's own description of the chain had it when the domain ended. */
    LIBVIRT,
    /** It appeared while no VM had the image, or somebody has trusted it. */
    ADMINISTRATOR,
    /** It appeared while a VM could write the image, and nothing else explains it: it is not believed. */
    GUEST,
    /** It was believed, but one that is not believed has replaced it. It is kept to be named in messages. */
    EARLIER;

    public boolean isBelieved() {
        return switch (this) {
            case DEFINITION, FIRST_SIGHT, COMMAND, LIBVIRT, ADMINISTRATOR -> true;
            case GUEST, EARLIER -> false;
        };
    }
}
