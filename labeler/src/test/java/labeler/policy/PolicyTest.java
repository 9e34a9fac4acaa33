package labeler.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.policy.PolicyOutcome.Done;
import labeler.policy.PolicyOutcome.Failed;
import labeler.policy.PolicyOutcome.InUse;
import labeler.policy.PolicyOutcome.NotPermitted;
import labeler.selinux.SelinuxHost;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The policy on a running kernel with SELinux, which a test directory imitates. */
class PolicyTest {
    private static final String MODULE = "(boolean labeler_use_nfs true)\n(boolean labeler_use_homes false)\n";

    @TempDir
    private Path directory;

    private final FakePrograms programs = new FakePrograms();
    private final List<String> progress = new ArrayList<>();

    @BeforeEach
    void an_enforcing_host() throws IOException {
        write("home/share/selinux/labeler.cil", MODULE);
        write("selinuxfs/enforce", "1");
        write("etc/config", "SELINUXTYPE=default\n");
        write("proc/1/attr/current", "system_u:system_r:init_t:s0\0");
        Files.createDirectories(directory.resolve("proc/self"));
    }

    private void write(String path, String content) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private Policy policy(int uid) {
        SelinuxHost host = new SelinuxHost(directory.resolve("selinuxfs"), directory.resolve("etc"));
        return new Policy(
                new PolicyTarget(Optional.empty(), directory, host, directory.resolve("proc")),
                programs,
                directory.resolve("home"),
                uid,
                progress::add);
    }

    private void installed(int priority, String sha256) {
        programs.listing += priority + " labeler          cil          sha256:" + sha256 + " \n";
    }

    private String shipped() throws IOException {
        return ShippedModule.read(directory.resolve("home")).sha256();
    }

    private PolicyStatus status() {
        PolicyOutcome outcome = policy(0).status();
        return outcome instanceof Done done ? done.status() : fail("no status, but " + outcome);
    }

    /** container-selinux, which comes with podman, switches it on. */
    @Test
    void the_status_names_the_distributions_booleans_that_let_every_vm_open_files_without_labels() throws IOException {
        write("selinuxfs/booleans/virt_use_nfs", "1 1");
        write("selinuxfs/booleans/virt_use_samba", "0 1");
        write("selinuxfs/booleans/virt_use_usb", "1 1");

        assertThat(status().opening()).containsExactly("virt_use_nfs");
        write("selinuxfs/booleans/virt_use_nfs", "0 0");
        assertThat(status().opening()).isEmpty();
    }

    @Test
    void the_module_is_installed_into_the_running_policy() {
        PolicyOutcome outcome = policy(0).install(Map.of());

        assertThat(programs.ran)
                .first()
                .asString()
                .startsWith("semodule --store default --priority 400 --install ")
                .endsWith("share/selinux/labeler.cil");
        assertThat(progress).contains("still building, after 5 s");
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        Done.class, done -> assertThat(done.changes()).containsExactly("module installed"));
    }

    @Test
    void booleans_are_set_for_good_where_they_differ_now_or_after_the_next_boot() throws IOException {
        installed(400, shipped());
        write("selinuxfs/booleans/labeler_use_nfs", "0 0");
        write("selinuxfs/booleans/labeler_use_homes", "0 0");

        policy(0).install(Map.of("labeler_use_nfs", false, "labeler_use_homes", false));

        assertThat(programs.ran).containsExactly("setsebool -P labeler_use_nfs=0");
    }

    @Test
    void one_boolean_is_set_for_good_if_it_differs_now_or_after_the_next_boot() throws IOException {
        write("selinuxfs/booleans/labeler_use_homes", "0 0");

        assertThat(policy(0).set("labeler_use_homes", false)).isEmpty();
        assertThat(programs.ran).isEmpty();
        assertThat(policy(0).set("labeler_use_homes", true)).isEmpty();
        assertThat(programs.ran).containsExactly("setsebool -P labeler_use_homes=1");
        write("selinuxfs/booleans/labeler_use_homes", "1 1");
        assertThat(policy(0).set("labeler_use_homes", true)).isEmpty();
        assertThat(programs.ran).hasSize(2);
    }

    @Test
    void a_boolean_that_the_kernel_does_not_have_is_not_set() {
        assertThat(policy(0).set("labeler_use_homes", true)).isEmpty();

        assertThat(programs.ran).isEmpty();
    }

    @Test
    void a_boolean_that_cannot_be_set_has_its_reason() throws IOException {
        write("selinuxfs/booleans/labeler_use_homes", "0 0");
        programs.failing = "setsebool";

        assertThat(policy(0).set("labeler_use_homes", true))
                .hasValueSatisfying(
                        reason -> assertThat(reason).contains("setsebool failed with exit code 1", "first"));
    }

    @Test
    void the_values_shown_are_the_kernels() throws IOException {
        installed(400, shipped());
        write("selinuxfs/booleans/labeler_use_homes", "1 1");

        assertThat(status().booleans()).isEqualTo(Map.of("labeler_use_homes", true, "labeler_use_nfs", true));
        assertThat(status().mode()).isEqualTo(SelinuxHost.Mode.ENFORCING);
    }

    @Test
    void of_two_the_higher_priority_counts() throws IOException {
        installed(400, shipped());
        assertThat(status().state()).isEqualTo(ModuleState.CURRENT);
        installed(500, "1".repeat(64));
        assertThat(status().state()).isEqualTo(ModuleState.OTHER);
    }

    @Test
    void a_module_of_another_name_is_not_ours() {
        programs.listing += "400 labeler2 cil sha256:" + "1".repeat(64) + "\n400 my labeler\n";

        assertThat(status().state()).isEqualTo(ModuleState.ABSENT);
        assertThat(status().booleans()).isEmpty();
    }

    @Test
    void a_module_in_whose_domain_a_process_runs_is_not_removed() throws IOException {
        installed(400, shipped());
        write("proc/77/attr/current", "system_u:system_r:labelerd_t:s0-s0:c0.c1023\0");

        assertThat(policy(0).remove())
                .isInstanceOfSatisfying(
                        InUse.class,
                        use -> assertThat(use.message()).contains("process 77 runs in labelerd_t", "systemctl stop"));
        assertThat(programs.ran).isEmpty();
    }

    @Test
    void it_is_removed_wherever_it_is() throws IOException {
        installed(400, shipped());
        installed(200, "1".repeat(64));

        policy(0).remove();

        assertThat(programs.ran)
                .first()
                .isEqualTo("semodule --store default --priority 400 --remove labeler --priority 200 --remove labeler");
    }

    private static final String STORE = "var/lib/selinux/default/active/booleans.local";

    /** As libsemanage does it, which forgets the values of booleans that the policy has no longer. */
    private void removed() throws IOException {
        installed(400, shipped());
        write(STORE, "virt_use_nfs=1\nlabeler_use_nfs=0\n");
        assertThat(policy(0).remove()).isInstanceOf(Done.class);
        write(STORE, "virt_use_nfs=1\n");
        programs.listing = "";
        programs.ran.clear();
    }

    private List<String> set() {
        return programs.ran.stream()
                .filter(line -> line.startsWith("setsebool"))
                .toList();
    }

    @Test
    void what_a_boolean_has_for_good_it_has_again_after_a_removal_and_an_installation() throws IOException {
        removed();

        assertThat(policy(0).install(Map.of("labeler_use_homes", true)))
                .isInstanceOfSatisfying(
                        Done.class,
                        done -> assertThat(done.changes())
                                .containsExactly(
                                        "module installed", "labeler_use_nfs is off", "labeler_use_homes is on"));
        assertThat(set()).containsExactly("setsebool -P labeler_use_nfs=0 labeler_use_homes=1");

        // And not once more after another change.
        policy(0).install(Map.of());
        assertThat(set()).hasSize(1);
    }

    @Test
    void a_value_that_was_asked_for_or_set_since_the_removal_counts_more() throws IOException {
        removed();
        policy(0).install(Map.of("labeler_use_nfs", true));
        assertThat(set()).isEmpty();

        removed();
        write(STORE, "labeler_use_nfs=1\n");
        policy(0).install(Map.of());
        assertThat(set()).isEmpty();
    }

    @Test
    void an_installation_that_fails_leaves_the_values_for_the_next_one() throws IOException {
        removed();
        programs.failing = "setsebool";
        assertThat(policy(0).install(Map.of())).isInstanceOf(Failed.class);
        programs.failing = "";
        installed(400, shipped());
        policy(0).remove();
        programs.ran.clear();

        policy(0).install(Map.of());

        assertThat(set()).containsExactly("setsebool -P labeler_use_nfs=0");
    }

    @Test
    void a_module_whose_values_cannot_be_kept_is_not_removed() throws IOException {
        installed(400, shipped());
        write(STORE, "labeler_use_nfs=0\n");
        write("etc/labeler", "no directory");

        assertThat(policy(0).remove())
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.message()).contains("policy-booleans", "the module stays"));
        assertThat(programs.ran).isEmpty();
    }

    @Test
    void a_module_that_somebody_disabled_is_switched_on_with_a_word() throws IOException {
        programs.listing += "400 labeler          cil disabled sha256:" + shipped() + " \n";

        assertThat(policy(0).install(Map.of()))
                .isInstanceOfSatisfying(
                        Done.class,
                        done -> assertThat(done.changes())
                                .singleElement()
                                .asString()
                                .contains("switched on again"));
    }

    @Test
    void what_a_tool_said_before_it_failed_is_on_one_line() {
        programs.failing = "semodule";

        assertThat(policy(0).install(Map.of()))
                .isEqualTo(new Failed("semodule failed with exit code 1: first; second"));
    }

    @Test
    void without_the_tools_or_without_root_nothing_is_asked() {
        assertThat(policy(1000).status()).isInstanceOf(NotPermitted.class);
        programs.missing.add("restorecon");
        assertThat(policy(0).install(Map.of()))
                .isInstanceOfSatisfying(
                        Failed.class,
                        failed -> assertThat(failed.message())
                                .contains("restorecon is not installed", "policycoreutils"));
        assertThat(programs.ran).isEmpty();
    }

    @Test
    void a_tree_elsewhere_is_told_of() throws IOException {
        Path place = directory.toRealPath().resolve("home");

        assertThat(policy(0).misplaced())
                .hasValueSatisfying(text -> assertThat(text).contains(place + " is not where", "/opt/labeler"));
    }
}
