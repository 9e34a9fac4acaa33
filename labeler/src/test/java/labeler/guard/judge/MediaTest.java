package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.guard.QmpClient;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Media without a {@code read-only-mode}: what qemu opens for writing is judged so. */
class MediaTest {
    private final FollowedHost host;

    @AutoClose("closeWithHost")
    private final JudgedQemu vm;

    /** With a floppy and a CD-ROM, both empty. Both drives would open what they get for writing. */
    MediaTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        List<String> drives = List.of(
                "-drive",
                "if=none,id=fd0",
                "-device",
                "isa-fdc",
                "-device",
                "floppy,drive=fd0,id=floppy0",
                "-drive",
                "if=none,id=cd0",
                "-device",
                "ide-cd,drive=cd0,id=ide0");
        vm = JudgedQemu.withDrive(host, root, drives, "top");
        for (String name : List.of("medium", "other")) {
            JudgedQemu.make(host, name, "");
        }
    }

    private String change(String which, String name) {
        return command(
                "blockdev-change-medium",
                which + ",'format':'qcow2','filename':'" + host.path(name).toString() + "'");
    }

    private boolean isOpenForWriting(String name) throws IOException {
        try (QmpClient direct = vm.relayed().directClient().negotiated()) {
            Map<Path, Boolean> open =
                    QemuFacts.of(direct, vm.relayed().process().pid()).open();
            assertThat(open).containsKey(host.path(name));
            return open.getOrDefault(host.path(name), false);
        }
    }

    @Test
    void a_medium_for_an_empty_floppy_is_written() throws IOException {
        vm.done(change("'device':'fd0'", "medium"));

        assertThat(isOpenForWriting("medium")).isTrue();
        assertThat(host.label("medium")).isEqualTo(vm.image());
    }

    @Test
    void a_medium_after_one_that_was_ejected_is_written() throws IOException {
        vm.done(change("'device':'fd0'", "other"));
        vm.done(command("eject", "'device':'fd0','force':true"));
        vm.done(change("'id':'floppy0'", "medium"));

        assertThat(isOpenForWriting("medium")).isTrue();
        assertThat(host.label("medium")).isEqualTo(vm.image());
    }

    @Test
    void a_medium_that_another_vm_reads_is_not_written() throws IOException {
        host.start("two", host.image("medium", ImageFormat.QCOW2, Access.READ_ONLY));

        assertThat(vm.refused(change("'device':'fd0'", "medium"))).startsWith("labeler S1: ");
        assertThat(host.label("medium")).isEqualTo(FollowedHost.CONTENT);
    }

    /** Many VMs may have one at the same time. */
    @Test
    void a_medium_for_a_cd_rom_is_read() throws IOException {
        host.start("two", host.image("medium", ImageFormat.QCOW2, Access.READ_ONLY));

        vm.done(change("'id':'ide0'", "medium"));

        assertThat(isOpenForWriting("medium")).isFalse();
        assertThat(host.label("medium")).isEqualTo(FollowedHost.CONTENT);
    }

    @Test
    void a_medium_that_is_said_to_be_read_is_read() throws IOException {
        vm.done(change("'read-only-mode':'read-only','device':'fd0'", "medium"));
        vm.done(change("'read-only-mode':'retain','device':'fd0'", "other"));

        assertThat(isOpenForWriting("other")).isFalse();
        assertThat(host.label("other")).isEqualTo(FollowedHost.CONTENT);
    }

    /** As a seed for cloud-init that is made anew: its name is the same, and it is another file. */
    @Test
    void a_medium_that_has_taken_the_name_of_the_one_before_is_held_and_that_one_is_given_back() throws IOException {
        vm.done(change("'id':'ide0'", "medium"));
        Files.move(host.path("medium"), host.path("before"));
        Files.move(host.path("other"), host.path("medium"));

        vm.done(change("'id':'ide0'", "medium"));

        assertThat(host.label("medium")).isEqualTo(FollowedHost.CONTENT);
        assertThat(host.label("before")).isEqualTo(FollowedHost.HOME);
    }
}
