package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.selinux.ObjectClass;
import labeler.selinux.Permission;

/**
 * A policy that decides as a kernel would that has loaded it, with its constraints and the values of its booleans.
 * libsepol(3) has that part of the kernel, for one policy at a time: each question loads it anew.
 */
final class DecidingPolicy {
    private static final String LIBRARY = "libsepol.so.2";
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;

    /** {@code struct sepol_av_decision}: allowed, decided, auditallow, auditdeny, seqno. */
    private static final MemoryLayout DECISION = MemoryLayout.sequenceLayout(5, INT);

    private final Linker linker = Linker.nativeLinker();
    private final SymbolLookup library;
    private final Path binary;

    DecidingPolicy(Path binary) {
        this.binary = binary;
        this.library = SymbolLookup.libraryLookup(LIBRARY, Arena.global());
    }

    static boolean isPossible() {
        try {
            return SymbolLookup.libraryLookup(LIBRARY, Arena.global())
                    .find("sepol_compute_av")
                    .isPresent();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** What a process at the first context may do to an object at the second, of each class. */
    synchronized Map<ObjectClass, Set<Permission>> allowed(String source, String target) {
        try (Arena arena = Arena.ofConfined()) {
            load(arena);
            int subject = identifier(arena, source);
            int object = identifier(arena, target);
            Map<ObjectClass, Set<Permission>> allowed = new EnumMap<>(ObjectClass.class);
            for (ObjectClass objectClass : ObjectClass.values()) {
                allowed.put(objectClass, allowed(arena, subject, object, objectClass));
            }
            return allowed;
        }
    }

    private void load(Arena arena) {
        MemorySegment file = (MemorySegment) call(
                linker.defaultLookup(),
                "fopen",
                FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
                arena.allocateFrom(binary.toString()),
                arena.allocateFrom("r"));
        assertThat(file).as("%s can be read", binary).isNotEqualTo(MemorySegment.NULL);
        assertThat(ask("sepol_set_policydb_from_file", FunctionDescriptor.of(INT, ValueLayout.ADDRESS), file))
                .as("libsepol reads %s", binary)
                .isZero();
        call(linker.defaultLookup(), "fclose", FunctionDescriptor.of(INT, ValueLayout.ADDRESS), file);
    }

    private int identifier(Arena arena, String context) {
        MemorySegment text = arena.allocateFrom(context);
        MemorySegment identifier = arena.allocate(INT);
        assertThat(ask(
                        "sepol_context_to_sid",
                        FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.ADDRESS),
                        text,
                        text.byteSize(),
                        identifier))
                .as("the policy knows %s", context)
                .isZero();
        return identifier.get(INT, 0);
    }

    private Set<Permission> allowed(Arena arena, int subject, int object, ObjectClass objectClass) {
        MemorySegment number = arena.allocate(ValueLayout.JAVA_SHORT);
        assertThat(ask(
                        "sepol_string_to_security_class",
                        FunctionDescriptor.of(INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
                        arena.allocateFrom(objectClass.word()),
                        number))
                .isZero();
        short known = number.get(ValueLayout.JAVA_SHORT, 0);
        MemorySegment decision = arena.allocate(DECISION);
        assertThat(ask(
                        "sepol_compute_av",
                        FunctionDescriptor.of(INT, INT, INT, ValueLayout.JAVA_SHORT, INT, ValueLayout.ADDRESS),
                        subject,
                        object,
                        known,
                        -1,
                        decision))
                .isZero();
        Set<Permission> allowed = EnumSet.noneOf(Permission.class);
        for (Permission permission : Permission.values()) {
            MemorySegment bit = arena.allocate(INT);
            assertThat(ask(
                            "sepol_string_to_av_perm",
                            FunctionDescriptor.of(
                                    INT, ValueLayout.JAVA_SHORT, ValueLayout.ADDRESS, ValueLayout.ADDRESS),
                            known,
                            arena.allocateFrom(permission.word()),
                            bit))
                    .isZero();
            if ((decision.get(INT, 0) & bit.get(INT, 0)) != 0) {
                allowed.add(permission);
            }
        }
        return allowed;
    }

    private int ask(String function, FunctionDescriptor descriptor, Object... arguments) {
        return (int) call(library, function, descriptor, arguments);
    }

    private Object call(SymbolLookup where, String function, FunctionDescriptor descriptor, Object... arguments) {
        Optional<MemorySegment> address = where.find(function);
        try {
            return linker.downcallHandle(address.orElseThrow(), descriptor).invokeWithArguments(arguments);
        } catch (Throwable e) {
            throw new AssertionError(function, e);
        }
    }
}
