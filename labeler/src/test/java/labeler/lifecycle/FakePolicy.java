package labeler.lifecycle;

import java.io.IOException;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.selinux.AccessDecisions;
import labeler.selinux.CreatedContexts;
import labeler.selinux.Level;
import labeler.selinux.ObjectClass;
import labeler.selinux.Permission;
import labeler.selinux.SecurityContext;

/** Decides as refpolicy does about svirt_t: images by type and dominated level, content for reading. */
final class FakePolicy implements AccessDecisions, CreatedContexts {
    private final Set<String> unknownTypes = new HashSet<>();
    private boolean generous;
    private boolean opensNfs;
    private final Map<ObjectClass, Set<Permission>> unconstrained = new EnumMap<>(ObjectClass.class);
    private final Map<String, Set<ObjectClass>> readable = new HashMap<>();

    /** Sets the boolean virt_use_nfs. */
    void opensNfs(boolean now) {
        opensNfs = now;
    }

    /** A policy that was built without this type. */
    void lacks(String type) {
        unknownTypes.add(type);
    }

    /** A policy in which levels mean nothing, because svirt_t is no constrained type. */
    void ignoreLevels() {
        generous = true;
    }

    /** Permissions without constraints on levels: in Fedora's policy a VM may open and look at another's disk. */
    void leavesUnconstrained(Permission first, Permission... rest) {
        leavesUnconstrained(ObjectClass.FILE, first, rest);
    }

    /** The same for one class: in Fedora's policy a VM may append to another's block device. */
    void leavesUnconstrained(ObjectClass objectClass, Permission first, Permission... rest) {
        unconstrained.put(objectClass, EnumSet.of(first, rest));
    }

    /** Every VM may read files of this type at rest, at any level that it dominates: virt_image_t in Fedora. */
    void readsAtRest(String type) {
        readsAtRest(type, ObjectClass.FILE);
    }

    /** The same for one class. */
    void readsAtRest(String type, ObjectClass objectClass) {
        readable.computeIfAbsent(type, _ -> EnumSet.noneOf(ObjectClass.class)).add(objectClass);
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
        boolean dominates = generous
                || target.level().equals("s0")
                || wanted.filter(Level.within(source.level())::contains).isPresent();
        if (readable.getOrDefault(target.type(), Set.of()).contains(objectClass) && dominates) {
            return EnumSet.of(Permission.READ, Permission.OPEN, Permission.GETATTR);
        }
        return switch (target.type()) {
            case "svirt_image_t" ->
                dominates
                        ? EnumSet.allOf(Permission.class)
                        : EnumSet.copyOf(unconstrained.getOrDefault(objectClass, EnumSet.noneOf(Permission.class)));
            case "virt_content_t" ->
                EnumSet.of(Permission.READ, Permission.OPEN, Permission.GETATTR, Permission.LOCK, Permission.IOCTL);
            case "nfs_t" ->
                opensNfs ? EnumSet.allOf(Permission.class) : EnumSet.complementOf(EnumSet.of(Permission.OPEN));
            // A VM may touch no other file.
            default -> EnumSet.noneOf(Permission.class);
        };
    }

    /** The context without a rule: the creator's user, the directory's type. */
    @Override
    public SecurityContext of(SecurityContext creator, SecurityContext directory, ObjectClass objectClass) {
        return new SecurityContext(creator.user(), "object_r", directory.type(), "s0");
    }
}
