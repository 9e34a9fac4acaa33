package labeler.selinux;

import java.io.IOException;
import java.util.Set;

/** What the loaded policy lets one context do to another, in the kernel's own words. */
@FunctionalInterface
public interface AccessDecisions {
    /**
     * Everything that a process at {@code source} may do to an object at {@code target}; all of it where the process's
     * domain is permissive.
     *
     * @throws IOException if SELinux is not active, or the policy does not know one of the contexts
     */
    Set<Permission> allowed(SecurityContext source, SecurityContext target, ObjectClass objectClass) throws IOException;
}
