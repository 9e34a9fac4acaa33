package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.ShortByReference;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import labeler.selinux.ObjectClass;
import labeler.selinux.Permission;

/**
 * A policy that decides as a kernel would that has loaded it, with its constraints and the values of its booleans.
 * libsepol(3) has that part of the kernel, for one policy at a time: each question loads it anew.
 */
final class DecidingPolicy {
    private static final String LIBRARY = "libsepol.so.2";

    /** {@code struct sepol_av_decision}: allowed, decided, auditallow, auditdeny, seqno; 32 bits each. */
    private static final long DECISION = 5 * Integer.BYTES;

    private final NativeLibrary sepol;
    private final NativeLibrary c = NativeLibrary.getInstance("c");
    private final Path binary;

    DecidingPolicy(Path binary) {
        this.binary = binary;
        this.sepol = NativeLibrary.getInstance(LIBRARY);
    }

    static boolean isPossible() {
        try {
            return NativeLibrary.getInstance(LIBRARY).getFunction("sepol_compute_av") != null;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    /** What a process at the first context may do to an object at the second, of each class. */
    synchronized Map<ObjectClass, Set<Permission>> allowed(String source, String target) {
        load();
        int subject = identifier(source);
        int object = identifier(target);
        Map<ObjectClass, Set<Permission>> allowed = new EnumMap<>(ObjectClass.class);
        for (ObjectClass objectClass : ObjectClass.values()) {
            allowed.put(objectClass, allowed(subject, object, objectClass));
        }
        return allowed;
    }

    private void load() {
        Pointer file = c.getFunction("fopen").invokePointer(new Object[] {binary.toString(), "r"});
        assertThat(file).as("%s can be read", binary).isNotNull();
        assertThat(ask("sepol_set_policydb_from_file", file))
                .as("libsepol reads %s", binary)
                .isZero();
        assertThat(c.getFunction("fclose").invokeInt(new Object[] {file})).isZero();
    }

    private int identifier(String context) {
        byte[] text = context.getBytes(StandardCharsets.UTF_8);
        IntByReference identifier = new IntByReference();
        assertThat(ask("sepol_context_to_sid", text, (long) text.length, identifier))
                .as("the policy knows %s", context)
                .isZero();
        return identifier.getValue();
    }

    private Set<Permission> allowed(int subject, int object, ObjectClass objectClass) {
        ShortByReference number = new ShortByReference();
        assertThat(ask("sepol_string_to_security_class", objectClass.word(), number))
                .isZero();
        short known = number.getValue();
        Set<Permission> allowed = EnumSet.noneOf(Permission.class);
        try (Memory decision = new Memory(DECISION)) {
            assertThat(ask("sepol_compute_av", subject, object, known, -1, decision))
                    .isZero();
            for (Permission permission : Permission.values()) {
                IntByReference bit = new IntByReference();
                assertThat(ask("sepol_string_to_av_perm", known, permission.word(), bit))
                        .isZero();
                if ((decision.getInt(0) & bit.getValue()) != 0) {
                    allowed.add(permission);
                }
            }
        }
        return allowed;
    }

    private int ask(String function, Object... arguments) {
        return sepol.getFunction(function).invokeInt(arguments);
    }
}
