package labeler.selinux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * The kernel's answers, through {@code access} of selinuxfs (security/selinux/selinuxfs.c): two contexts and the number
 * of a class are written, and permissions are read back as bits. Classes and permissions are numbered by the policy, so
 * their numbers are read each time: another policy may have been loaded.
 */
public final class SelinuxfsDecisions implements AccessDecisions {
    private static final int HEXADECIMAL = 16;

    /** {@code AVD_FLAGS_PERMISSIVE}: denials in this domain are only logged. */
    private static final long PERMISSIVE = 1;

    private final SelinuxfsTransaction transaction;

    /** @param selinuxfs where it is mounted: /sys/fs/selinux */
    public SelinuxfsDecisions(Path selinuxfs) {
        this.transaction = new SelinuxfsTransaction(selinuxfs);
    }

    @Override
    public Set<Permission> allowed(SecurityContext source, SecurityContext target, ObjectClass objectClass)
            throws IOException {
        String[] answer = transaction
                .ask("access", source + " " + target + " " + transaction.number(objectClass))
                .split(" ", -1);
        // allowed, decided, auditallow, auditdeny, sequence number, flags
        if (answer.length < 6) {
            throw new IOException(transaction.selinuxfs() + ": the kernel's answer is not understood");
        }
        if ((Long.parseLong(answer[5], HEXADECIMAL) & PERMISSIVE) != 0) {
            return EnumSet.allOf(Permission.class);
        }
        long bits = Long.parseLong(answer[0], HEXADECIMAL);
        Set<Permission> allowed = EnumSet.noneOf(Permission.class);
        for (Permission permission : Permission.values()) {
            long number = transaction.number(objectClass, permission);
            if ((bits >> (number - 1) & 1) != 0) {
                allowed.add(permission);
            }
        }
        return allowed;
    }
}
