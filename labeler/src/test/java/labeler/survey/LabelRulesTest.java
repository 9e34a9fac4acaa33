package labeler.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.CategoryPair;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost.Mode;
import labeler.selinux.StoredLabel;
import labeler.selinux.VirtualContexts;
import org.junit.jupiter.api.Test;

class LabelRulesTest {
    private static final OpenFiles NOTHING = new OpenFiles(Set.of(), Set.of(), Set.of());

    private static SecurityContext context(String typeAndLevel) {
        return SecurityContext.parse("system_u:object_r:" + typeAndLevel).orElseThrow();
    }

    private static FileFacts file(String label) {
        return new FileFacts(
                HostPath.of("/vm/joined"),
                new FileIdentity(1, 7, Optional.empty()),
                Optional.of(StoredLabel.of(context(label))),
                Optional.empty(),
                Optional.empty());
    }

    /** Whoever tells of the VM's files may go by a record. */
    @Test
    void the_label_that_was_seen_counts_and_not_what_its_vm_says_of_it() {
        VmFileFacts told = used(file("svirt_image_t:s0:c1,c2"));

        assertThat(flaws(file("svirt_image_t:s0"), vm("s0:c1,c2", Optional.empty(), told)))
                .singleElement()
                .satisfies(flaw -> {
                    assertThat(flaw.kind()).isEqualTo(FlawKind.OPEN_IMAGE);
                    assertThat(flaw.severity()).isEqualTo(Severity.DANGER);
                    assertThat(flaw.harm()).contains("svirt_image_t:s0 does not have");
                });
    }

    /** Static labels of libvirt's may have any categories. */
    @Test
    void a_disk_of_a_running_vm_without_a_pair_is_a_danger_and_keeps_its_label() {
        Map<String, String> levels = Map.of(
                "s0", "lets every VM write it",
                "s0:c5", "lets each VM whose level includes s0:c5 write it",
                "s0:c1,c2,c3", "lets each VM whose level includes s0:c1,c2,c3 write it",
                "s0-s0:c1,c2", "lets each VM whose level includes s0:c1,c2 write it");
        levels.forEach((level, harm) -> {
            FileFacts file = file("svirt_image_t:" + level);
            assertThat(flaws(file, vm(level, Optional.empty(), used(file))))
                    .as(level)
                    .singleElement()
                    .satisfies(flaw -> {
                        assertThat(flaw.kind()).isEqualTo(FlawKind.OPEN_IMAGE);
                        assertThat(flaw.severity()).isEqualTo(Severity.DANGER);
                        assertThat(flaw.harm()).startsWith("it is in use now").endsWith(harm);
                        assertThat(flaw.remedy()).doesNotContain("restorecon").contains("start the VM again");
                        assertThat(flaw.names()).isEqualTo("web1 (process 11)");
                    });
            assertThat(flaws(file)).as(level).singleElement().satisfies(flaw -> {
                assertThat(flaw.severity()).isEqualTo(Severity.WARNING);
                assertThat(flaw.harm()).endsWith(harm);
                assertThat(flaw.remedy()).isEqualTo("restorecon -F /vm/joined");
            });
        });
    }

    @Test
    void a_disk_that_joined_a_running_vm_later_is_in_use() {
        FileFacts file = file("svirt_image_t:s0:c5");

        assertThat(flaws(file, vm("s0:c5", Optional.of(open(file)))))
                .singleElement()
                .satisfies(flaw -> {
                    assertThat(flaw.severity()).isEqualTo(Severity.DANGER);
                    assertThat(flaw.names()).isEqualTo("web1 (process 11)");
                });
    }

    /** libvirt gives this label to a shareable disk, and only its live definition says so of one that joined. */
    @Test
    void a_disk_without_a_pair_that_joined_vms_with_pairs_alone_may_be_a_shareable_one() {
        FileFacts file = file("svirt_image_t:s0");
        VmFacts paired = vm("s0:c1,c2", Optional.of(open(file)));

        assertThat(flaws(file, paired)).singleElement().satisfies(flaw -> {
            assertThat(flaw.kind()).isEqualTo(FlawKind.OPEN_IMAGE);
            assertThat(flaw.severity()).isEqualTo(Severity.WARNING);
            assertThat(flaw.harm()).contains("joined").endsWith("lets every VM write it");
            assertThat(flaw.remedy()).contains("shareable").doesNotContain("restorecon", "start the VM again");
            assertThat(flaw.names()).isEqualTo("web1 (process 11)");
        });
        assertThat(flaws(file, paired, vm("s0:c5", Optional.of(open(file)))))
                .singleElement()
                .satisfies(flaw -> assertThat(flaw.severity()).isEqualTo(Severity.DANGER));
    }

    @Test
    void a_disk_without_a_pair_that_a_definition_names_as_not_shareable_is_a_danger_once_it_has_joined() {
        FileFacts file = file("svirt_image_t:s0");
        VmFileFacts defined = new VmFileFacts(file, true, true, false, false);

        assertThat(flaws(file, vm("s0:c1,c2", Optional.of(open(file)), defined)))
                .singleElement()
                .satisfies(flaw -> assertThat(flaw.severity()).isEqualTo(Severity.DANGER));
    }

    @Test
    void what_a_vm_has_open_or_may_have_open_gets_no_other_label_at_once() {
        FileFacts dead = file("svirt_image_t:s0:c8,c9");
        FileFacts misplaced = new FileFacts(
                dead.path(),
                dead.identity(),
                Optional.of(StoredLabel.of(context("user_home_t:s0"))),
                Optional.of(context("virt_image_t:s0")),
                Optional.empty());
        for (FileFacts file : List.of(dead, misplaced)) {
            for (Optional<OpenFiles> open : List.of(Optional.of(open(file)), Optional.<OpenFiles>empty())) {
                assertThat(flaws(file, vm("s0:c5", open)))
                        .singleElement()
                        .satisfies(flaw ->
                                assertThat(flaw.remedy()).contains("once no VM has it open, restorecon -F /vm/joined"));
            }
            assertThat(flaws(file, vm("s0:c5", Optional.of(NOTHING))))
                    .singleElement()
                    .satisfies(flaw -> assertThat(flaw.remedy()).doesNotContain("once no VM"));
        }
    }

    @Test
    void a_label_lets_in_each_vm_whose_level_includes_it() {
        for (String level : List.of("s0:c1,c2", "s0:c1,c2,c3", "s0-s0:c1,c2")) {
            assertThat(flaws(file("svirt_image_t:s0:c1,c2"), vm(level, Optional.of(NOTHING))))
                    .as(level)
                    .singleElement()
                    .satisfies(flaw -> {
                        assertThat(flaw.kind()).isEqualTo(FlawKind.OPEN_IMAGE);
                        assertThat(flaw.names()).isEqualTo("web1 (process 11)");
                    });
        }
    }

    @Test
    void a_level_lets_in_no_process_of_a_type_that_is_no_vms() {
        FileFacts file = file("svirt_image_t:s0:c1,c2");
        for (String context : List.of("staff_t:s0-s0:c0.c1023", "spc_t:s0-s0:c0.c1023", "container_t:s0:c1,c2,c3")) {
            assertThat(flaws(file, process(context, Optional.of(NOTHING))))
                    .as(context)
                    .isEmpty();
        }
    }

    private static OpenFiles open(FileFacts file) {
        return new OpenFiles(Set.of(file.identity()), Set.of(file.identity()), Set.of());
    }

    private static VmFileFacts used(FileFacts file) {
        return new VmFileFacts(file, true, true, false, true);
    }

    private static VmFacts vm(String level, Optional<OpenFiles> open, VmFileFacts... files) {
        return process("svirt_t:" + level, open, files);
    }

    private static VmFacts process(String context, Optional<OpenFiles> open, VmFileFacts... files) {
        Pid pid = new Pid(11);
        return new VmFacts(
                new VmIdentity(Optional.of("web1"), Optional.of(pid)),
                Optional.of(new ProcessFacts(
                        pid, 0, new ProcessWall.Stands("SELinux"), Optional.of(context(context)), open)),
                List.of(files),
                List.of());
    }

    private static List<Flaw> flaws(FileFacts found, VmFacts... vms) {
        return LabelRules.of(new HostFacts(
                Mode.ENFORCING,
                new VirtualContexts(
                        context("svirt_t:s0"),
                        Optional.empty(),
                        context("svirt_image_t:s0"),
                        context("virt_content_t:s0")),
                List.of(),
                Optional.of(Set.of(CategoryPair.of(1, 2))),
                List.of(vms),
                List.of(found),
                List.of()));
    }
}
