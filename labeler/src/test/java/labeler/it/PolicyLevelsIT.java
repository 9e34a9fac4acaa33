package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import labeler.needs.Need;
import labeler.selinux.ObjectClass;
import labeler.selinux.Permission;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The categories of VMs in whole policies, with the module and without: of each class of file. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PolicyLevelsIT {
    private static final String VM = "system_u:system_r:svirt_t:s0:c1,c2";
    private static final String OWN = "system_u:object_r:svirt_image_t:s0:c1,c2";
    private static final String ANOTHERS = "system_u:object_r:svirt_image_t:s0:c3,c4";
    private static final String OF_ALL = "system_u:object_r:svirt_image_t:s0";

    /** The level for idle images that no pair covers. */
    private static final String IDLE = "system_u:object_r:svirt_image_t:s0:c0.c1023";

    private static final Set<Permission> CONTENT = EnumSet.of(Permission.READ, Permission.WRITE, Permission.APPEND);

    private static final Set<ObjectClass> CLASSES = EnumSet.of(
            ObjectClass.FILE,
            ObjectClass.BLOCK_FILE,
            ObjectClass.CHARACTER_FILE,
            ObjectClass.FIFO_FILE,
            ObjectClass.SOCKET_FILE);

    enum Distribution {
        DEBIAN,
        FEDORA,
        RHEL_9
    }

    private final Map<Distribution, DecidingPolicy> alone = new EnumMap<>(Distribution.class);
    private final Map<Distribution, DecidingPolicy> withModule = new EnumMap<>(Distribution.class);

    @BeforeAll
    void the_module_is_installed_into_each_policy(@TempDir Path directory) throws IOException {
        Machine.requireRootAnd("semodule", "setsebool", "setfiles");
        Need.require(Files.isDirectory(Path.of("/var/lib/selinux/default/active")), "needs selinux-policy-default");
        Need.require(DecidingPolicy.isPossible(), "needs libsepol 3.4");
        install(directory, Distribution.DEBIAN, ScratchPolicy.debian(directory.resolve("debian")));
        install(directory, Distribution.FEDORA, ScratchPolicy.fedora(directory.resolve("fedora")));
        install(directory, Distribution.RHEL_9, ScratchPolicy.rhel9(directory.resolve("rhel9")));
    }

    private void install(Path directory, Distribution distribution, ScratchPolicy store) throws IOException {
        Path before = Files.copy(store.binary(), directory.resolve(distribution + ".before"));
        Command install = store.labeler("install");
        assertThat(install.exitCode()).as("%s", install).isZero();
        alone.put(distribution, new DecidingPolicy(before));
        withModule.put(distribution, new DecidingPolicy(store.binary()));
    }

    private static Map<ObjectClass, Set<Permission>> asked(
            Map<Distribution, DecidingPolicy> policies, Distribution distribution, String source, String target) {
        DecidingPolicy policy = policies.get(distribution);
        if (policy == null) {
            throw new AssertionError("no policy of " + distribution);
        }
        return policy.allowed(source, target);
    }

    @ParameterizedTest
    @EnumSource
    void a_vm_reaches_no_content_of_anothers_whatever_kind_of_file_has_it(Distribution distribution) {
        for (String target : Set.of(ANOTHERS, IDLE)) {
            Map<ObjectClass, Set<Permission>> allowed = asked(withModule, distribution, VM, target);
            for (ObjectClass objectClass : CLASSES) {
                assertThat(allowed.get(objectClass))
                        .as("%s %s", target, objectClass)
                        .doesNotContainAnyElementsOf(
                                objectClass == ObjectClass.FIFO_FILE ? Set.of(Permission.OPEN) : CONTENT);
            }
        }
    }

    /** Two domains that a named pipe joins have it open by another's label: libvirt labels it anew for each. */
    @ParameterizedTest
    @EnumSource(names = {"FEDORA", "RHEL_9"})
    void a_pipe_that_two_vms_have_open_stays_usable_where_the_distribution_leaves_it(Distribution distribution) {
        assertThat(asked(withModule, distribution, VM, ANOTHERS).get(ObjectClass.FIFO_FILE))
                .containsAll(CONTENT)
                .doesNotContain(Permission.OPEN);
    }

    @ParameterizedTest
    @EnumSource
    void a_vm_uses_its_own_and_what_all_vms_have(Distribution distribution) {
        for (String target : Set.of(OWN, OF_ALL)) {
            Map<ObjectClass, Set<Permission>> allowed = asked(withModule, distribution, VM, target);
            for (ObjectClass objectClass : CLASSES) {
                assertThat(allowed.get(objectClass))
                        .as("%s %s", target, objectClass)
                        .containsAll(EnumSet.allOf(Permission.class));
            }
        }
    }

    /** The reason for the module's constraints. If this fails, the distribution's own say the same now. */
    @ParameterizedTest
    @EnumSource(names = {"FEDORA", "RHEL_9"})
    void the_distribution_alone_lets_it_append_to_anothers_device(Distribution distribution) {
        Map<ObjectClass, Set<Permission>> allowed = asked(alone, distribution, VM, ANOTHERS);

        for (ObjectClass device : Set.of(ObjectClass.BLOCK_FILE, ObjectClass.CHARACTER_FILE)) {
            assertThat(allowed.get(device))
                    .contains(Permission.OPEN, Permission.APPEND)
                    .doesNotContain(Permission.READ, Permission.WRITE);
        }
        assertThat(allowed.get(ObjectClass.FIFO_FILE))
                .contains(Permission.WRITE)
                .doesNotContain(Permission.OPEN);
        assertThat(allowed.get(ObjectClass.FILE)).doesNotContainAnyElementsOf(CONTENT);
    }

    /** Debian's constraints name these classes and permissions already: nothing is taken away twice, and nothing more. */
    @Test
    void where_the_distribution_constrains_all_of_them_the_module_changes_nothing() {
        for (String target : Set.of(OWN, OF_ALL, ANOTHERS, IDLE)) {
            assertThat(asked(withModule, Distribution.DEBIAN, VM, target))
                    .as(target)
                    .isEqualTo(asked(alone, Distribution.DEBIAN, VM, target));
        }
    }

    /** The pipes of the programs that start qemu are at the programs' own level, which no VM's covers. */
    @ParameterizedTest
    @EnumSource(names = {"FEDORA", "RHEL_9"})
    void what_a_vm_inherits_from_its_caller_stays_usable(Distribution distribution) {
        assertThat(asked(withModule, distribution, VM, "unconfined_u:unconfined_r:unconfined_t:s0-s0:c0.c1023")
                        .get(ObjectClass.FIFO_FILE))
                .contains(Permission.READ, Permission.WRITE, Permission.APPEND);
    }
}
