package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.config.GuardConfig;
import labeler.guard.record.AuditEntry;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A domain that libvirt labels: the guard judges its commands and records them, and changes no label. */
class ObservedDomainTest {
    private static final GuardConfig OBSERVED =
            new GuardConfig(List.of(), List.of(), Optional.of(GuardConfig.Labels.LIBVIRT));

    @Test
    void its_commands_are_judged_and_recorded_and_no_label_changes(@TempDir Path root) throws IOException {
        try (FollowedHost host = new FollowedHost(root);
                JudgedQemu vm = JudgedQemu.withChain(
                        host, root, OBSERVED, List.of(), "\"auto-read-only\":true", "base", "top")) {
            String top = host.label("top");
            // libvirt makes it, and gives it a label.
            Files.createFile(host.path("overlay"));
            host.setLabel("overlay", FollowedHost.HOME);

            vm.done("{'execute':'blockdev-snapshot-sync','arguments':{'node-name':'top','snapshot-file':'"
                    + host.path("overlay") + "','snapshot-node-name':'overlay','format':'qcow2'}}");
            assertThat(vm.refused("{'execute':'blockdev-add','arguments':{'driver':'file','node-name':'x','filename':"
                            + "'/etc/shadow'}}"))
                    .startsWith("labeler N4: ");

            assertThat(host.label("overlay")).isEqualTo(FollowedHost.HOME);
            assertThat(host.label("top")).isEqualTo(top);
            assertThat(vm.entries())
                    .extracting(AuditEntry::result)
                    .anySatisfy(result -> assertThat(result.rule()).contains("N4"));
        }
    }
}
