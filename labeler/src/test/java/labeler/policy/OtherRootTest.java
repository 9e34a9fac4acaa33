package labeler.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.selinux.SelinuxHost;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The policy in the root directory of a system that is not running. */
class OtherRootTest {
    private static final List<String> BEFORE = List.of("virt_use_nfs=1", "labeler_use_nfs=1");

    @TempDir
    private Path directory;

    private final FakePrograms programs = new FakePrograms();
    private final List<String> progress = new ArrayList<>();

    @BeforeEach
    void a_system_with_values_of_its_own() throws IOException {
        Path module = Files.createDirectories(directory.resolve("home/share/selinux"));
        Files.writeString(module.resolve("labeler.cil"), "(boolean labeler_use_nfs true)\n");
        Path etc = Files.createDirectories(root().resolve("etc/selinux"));
        Files.writeString(etc.resolve("config"), "SELINUXTYPE=default\n");
        Files.createDirectories(store().getParent());
        Files.write(store(), BEFORE);
    }

    private Path root() {
        return directory.resolve("root");
    }

    private Path store() {
        return root().resolve("var/lib/selinux/default/active/booleans.local");
    }

    private PolicyOutcome install() {
        SelinuxHost host = new SelinuxHost(root().resolve("selinuxfs"), root().resolve("etc/selinux"));
        return new Policy(
                        new PolicyTarget(Optional.of(root()), root(), host, directory.resolve("proc")),
                        programs,
                        directory.resolve("home"),
                        0,
                        progress::add)
                .install(Map.of("labeler_use_nfs", false));
    }

    @Test
    void a_boolean_is_kept_beside_what_the_administrator_set() throws IOException {
        assertThat(install()).isInstanceOf(PolicyOutcome.Done.class);

        assertThat(Files.readAllLines(store())).containsExactly("virt_use_nfs=1", "labeler_use_nfs=0");
    }

    @Test
    void a_policy_that_cannot_be_built_leaves_the_values_as_they_were() throws IOException {
        programs.failing = "semodule";

        assertThat(install()).isInstanceOf(PolicyOutcome.Failed.class);

        assertThat(Files.readAllLines(store())).isEqualTo(BEFORE);
    }
}
