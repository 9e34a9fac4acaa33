package labeler.lifecycle;

import java.io.IOException;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import labeler.selinux.AccessDecisions;
import labeler.selinux.Level;
import labeler.selinux.ObjectClass;
import labeler.selinux.Permission;
import labeler.selinux.SecurityContext;

/** As refpolicy decides about svirt_t: images by type and dominated level, content for reading. */
final class FakePolicy implements AccessDecisions {
    private final Set<String> unknownTypes = new HashSet<>();
    private boolean generous;
    private boolean opensNfs;

    /** The boolean virt_use_nfs. */
    void opensNfs(boolean now) {
        opensNfs = now;
    }

    /** A policy that was built without this type. */
    void lacks(String type) {
        unknownTypes.add(type);
    }

    /** A policy in which levels mean nothing, as where svirt_t is no constrained type. */
    void ignoreLevels() {
        generous = true;
    }

    @Override
    public Set<Permission> allowed(SecurityContext source, SecurityContext target, ObjectClass objectClass)
            throws IOException {
        if (unknownTypes.contains(target.type())) {
            throw new IOException("the policy does not know " + target);
        }
        if (!source.type().equals("svirt_t")) {
            return EnumSet.allOf(Permission.class);
        }
        Optional<Level> wanted = Level.parse(target.level());
        boolean dominates =
                generous || wanted.isEmpty() || Level.within(source.level()).contains(wanted.get());
        return switch (target.type()) {
            case "svirt_image_t" -> dominates ? EnumSet.allOf(Permission.class) : EnumSet.noneOf(Permission.class);
            case "virt_content_t" ->
                EnumSet.of(Permission.READ, Permission.OPEN, Permission.GETATTR, Permission.LOCK, Permission.IOCTL);
            case "nfs_t" ->
                opensNfs ? EnumSet.allOf(Permission.class) : EnumSet.complementOf(EnumSet.of(Permission.OPEN));
            // What is neither is nothing that a VM may touch.
            default -> EnumSet.noneOf(Permission.class);
        };
    }
}
