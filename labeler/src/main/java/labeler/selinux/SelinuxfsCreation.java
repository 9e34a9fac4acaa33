package labeler.selinux;

import java.io.IOException;
import java.nio.file.Path;

/** The kernel's answers, through {@code create} of selinuxfs: security_compute_create(3). */
public final class SelinuxfsCreation implements CreatedContexts {
    private final SelinuxfsTransaction transaction;

    /** @param selinuxfs where it is mounted: /sys/fs/selinux */
    public SelinuxfsCreation(Path selinuxfs) {
        this.transaction = new SelinuxfsTransaction(selinuxfs);
    }

    @Override
    public SecurityContext of(SecurityContext creator, SecurityContext directory, ObjectClass objectClass)
            throws IOException {
        String answer = transaction.ask("create", creator + " " + directory + " " + transaction.number(objectClass));
        return SecurityContext.parse(answer)
                .orElseThrow(
                        () -> new IOException(transaction.selinuxfs() + ": the kernel's answer is not understood"));
    }
}
