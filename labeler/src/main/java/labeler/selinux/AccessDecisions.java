package labeler.selinux;

import java.io.IOException;
import java.util.Set;

/** The kernel's decisions about access between contexts, by the loaded policy. */
@FunctionalInterface
public interface AccessDecisions {
    /**
     * Everything that a process at {@code source} may do to an object at {@code target}. A permissive domain may do
     * everything.
     *
     * @throws IOException if SELinux is not active, or the policy does not know one of the contexts
     */
    Set<Permission> allowed(SecurityContext source, SecurityContext target, ObjectClass objectClass) throws IOException;
}
