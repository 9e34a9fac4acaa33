package labeler.reference;

/** Where a reference in a header comes from, as far as is known. */
public enum Provenance {
    /** A definition had another file, or this one, in its place when it was first seen. */
    DEFINITION("definition"),
    /** It was there when the image was first seen. */
    FIRST_SIGHT("first-sight"),
    /** A command of ours had a file in its place when it was first seen. */
    COMMAND("command"),
    /** libvirt's own account of the chain has it, as the domain ended. */
    LIBVIRT("libvirt"),
    /** It came while no VM had the image, or somebody has trusted it. */
    ADMINISTRATOR("administrator"),
    /** It came while a VM could write the image, and nothing else explains it: it is not believed. */
    GUEST("guest"),
    /** It was believed, and something that is not believed has come in its place: kept to be named. */
    EARLIER("earlier");

    private final String word;

    Provenance(String word) {
        this.word = word;
    }

    /** The word for it in JSON and messages. */
    public String word() {
        return word;
    }

    public boolean isBelieved() {
        return switch (this) {
            case DEFINITION, FIRST_SIGHT, COMMAND, LIBVIRT, ADMINISTRATOR -> true;
            case GUEST, EARLIER -> false;
        };
    }
}
