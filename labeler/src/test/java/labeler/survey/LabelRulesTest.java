package labeler.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
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
        ProcessFacts process = new ProcessFacts(
                new Pid(11),
                0,
                new ProcessWall.Stands("SELinux"),
                Optional.of(context("svirt_t:s0:c1,c2")),
                Optional.empty());
        VmFacts vm = new VmFacts(
                new VmIdentity(Optional.of("web1"), Optional.of(new Pid(11))),
                Optional.of(process),
                List.of(new VmFileFacts(file("svirt_image_t:s0:c1,c2"), true, true, false, true)),
                List.of());

        List<Flaw> flaws = LabelRules.of(new HostFacts(
                Mode.ENFORCING,
                new VirtualContexts(
                        context("svirt_t:s0"),
                        Optional.empty(),
                        context("svirt_image_t:s0"),
                        context("virt_content_t:s0")),
                List.of(),
                Optional.of(Set.of(CategoryPair.of(1, 2))),
                List.of(vm),
                List.of(file("svirt_image_t:s0")),
                List.of()));

        assertThat(flaws).singleElement().satisfies(flaw -> {
            assertThat(flaw.kind()).isEqualTo(FlawKind.OPEN_IMAGE);
            assertThat(flaw.severity()).isEqualTo(Severity.DANGER);
            assertThat(flaw.harm()).contains("svirt_image_t:s0 does not have");
        });
    }
}
