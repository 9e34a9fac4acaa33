package labeler.selinux;

import java.io.IOException;

/** What the kernel labels new files with. */
@FunctionalInterface
public interface CreatedContexts {
    /**
     * The context of a new file.
     *
     * @param creator of the process that makes it
     * @param directory of the directory that it is made in
     * @throws IOException if there is no answer; the message says why
     */
    SecurityContext of(SecurityContext creator, SecurityContext directory, ObjectClass objectClass) throws IOException;
}
