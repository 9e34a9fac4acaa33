package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import labeler.config.GuardConfig;
import labeler.guard.record.AuditEvent;
import labeler.lifecycle.follow.FollowedHost;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that qemu makes for itself at its start, and takes the name of at once. */
class NamelessFilesTest {
    private final Path root;

    @AutoClose
    private final FollowedHost host;

    NamelessFilesTest(@TempDir Path root) throws IOException {
        this.root = root;
        host = new FollowedHost(root);
        JudgedQemu.make(host, "disk", "");
        JudgedQemu.make(host, "other", "");
    }

    private JudgedQemu vm(String... words) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("-M", "q35", "-m", "32", "-nic", "none"));
        arguments.addAll(List.of(words));
        return new JudgedQemu(host, root, new VmName("one"), arguments, GuardConfig.DEFAULT);
    }

    private String drive() {
        return "file=" + host.path("disk") + ",format=qcow2,if=none,id=d";
    }

    private JudgedQemu withSnapshot() throws IOException {
        return vm("-drive", drive() + ",snapshot=on", "-device", "virtio-blk-pci,drive=d");
    }

    private String other() {
        return RuleCase.command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'n','file':{'driver':'file','filename':'" + host.path("other") + "'}");
    }

    private static Path nameless(JudgedQemu vm) throws IOException {
        String nodes =
                vm.client().done("{'execute':'query-named-block-nodes','arguments':{'flat':true}}").objects().stream()
                        .flatMap(node -> node.text("file").stream())
                        .filter(file -> file.startsWith("/var/tmp/"))
                        .findFirst()
                        .orElseThrow();
        return Path.of(nodes);
    }

    private static boolean hasDrifted(JudgedQemu vm) {
        return vm.entries().stream().anyMatch(entry -> entry.event() == AuditEvent.DRIFT);
    }

    @Test
    void a_drive_that_forgets_what_its_guest_writes_is_no_drift() throws IOException {
        try (JudgedQemu vm = withSnapshot()) {
            vm.done(other());

            assertThat(hasDrifted(vm)).isFalse();
            assertThat(host.label("other")).isEqualTo(vm.image());
        }
    }

    @Test
    void a_directory_as_a_disk_is_no_drift() throws IOException {
        Path tree = Files.createDirectory(host.path("tree"));
        Files.writeString(tree.resolve("file"), "text");
        try (JudgedQemu vm = vm("-drive", drive(), "-blockdev", "driver=vvfat,node-name=v,rw=on,dir=" + tree)) {
            vm.done(other());

            assertThat(hasDrifted(vm)).isFalse();
        }
    }

    @Test
    void the_directory_above_theirs_is_no_place_for_files() throws IOException {
        try (JudgedQemu vm = withSnapshot()) {
            String dump = RuleCase.dump("/var/" + root.getFileName());

            assertThat(vm.refused(dump)).startsWith("labeler N4: ");
        }
    }

    /** qemu has it open for writing already. */
    @Test
    void what_writes_it_takes_no_file() throws IOException {
        String free = host.label("disk");
        try (JudgedQemu vm = withSnapshot()) {
            assertThat(host.label("disk")).isNotEqualTo(free);

            vm.done(RuleCase.command("block-stream", "'job-id':'s','device':'d'"));
            vm.untilGone("s");

            // The look that ends it follows the event of the job's end. No answer waits for that one.
            vm.until(() -> host.label("disk").equals(free));
            assertThat(hasDrifted(vm)).isFalse();
        }
    }

    @Test
    void another_file_of_that_name_is_drift() throws IOException {
        try (JudgedQemu vm = withSnapshot()) {
            Path file = Files.createFile(nameless(vm));
            try {
                vm.client().ask(RuleCase.command("blockdev-del", "'node-name':'nothing'"));

                assertThat(vm.refused(other())).startsWith("labeler S15: ");
            } finally {
                Files.delete(file);
            }
            vm.client().ask(RuleCase.command("blockdev-del", "'node-name':'nothing'"));
            vm.done(other());
        }
    }
}
