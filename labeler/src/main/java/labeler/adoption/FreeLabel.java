package labeler.adoption;

import labeler.selinux.SecurityContext;
import labeler.vm.VmName;

/** Chooses a label for a domain's process, at a level that nobody else has. */
@FunctionalInterface
public interface FreeLabel {
    /**
     * A label at this moment. Another who asks before it is written down may get the same.
     *
     * @param xml the domain's definition
     */
    Answer of(VmName domain, byte[] xml);

    /** The answer. */
    sealed interface Answer {}

    /** This is free. */
    record Free(SecurityContext label) implements Answer {}

    /** There is none for this domain, or nobody can be asked. One line, with the way out. */
    record NoneFree(String message, Cause cause) implements Answer {}

    /** Why there is none. */
    enum Cause {
        /** The domain can have none. */
        REFUSED,
        /** Another VM is in the way. */
        IN_USE,
        /** Nobody answers who could choose, or not to this user. */
        NO_SERVICE,
        /** Who was asked could not choose, or is not understood. */
        FAILED
    }
}
