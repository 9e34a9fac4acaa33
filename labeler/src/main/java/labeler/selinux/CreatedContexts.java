package labeler.selinux;

import java.io.IOException;

/** The contexts that the kernel gives to new files. */
@FunctionalInterface
public interface CreatedContexts {
    /**
     * The context of a new file.
     *
     * @param creator the context of the process that creates the file
     * @param directory the context of the file's directory
     * @throws IOException if there is no answer; the message says why
     */
    SecurityContext of(SecurityContext creator, SecurityContext directory, ObjectClass objectClass) throws IOException;
}
