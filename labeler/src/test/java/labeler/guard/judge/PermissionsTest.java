package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.guard.judge.RuleCase.file;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.config.GuardConfig;
import labeler.guard.sense.Rule;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What the settings allow by name, and what none of them can allow. */
class PermissionsTest {
    @TempDir
    Path root;

    private RuleBed bed(String... allowed) throws IOException {
        return new RuleBed(root, new GuardConfig(List.of(allowed), List.of(), Optional.empty()));
    }

    private static String rom(String path) {
        return command("device_add", "'driver':'virtio-rng-pci','bus':'gate','id':'d','romfile':'" + path + "'");
    }

    private static String line(String text) {
        return command("human-monitor-command", "'command-line':'" + text + "'");
    }

    @Test
    void a_line_of_the_human_monitor_is_allowed_whole() throws IOException {
        try (RuleBed bed = bed("human-monitor-command info *")) {
            bed.done(line("info roms"));
            assertThat(bed.refused(line("stop"))).startsWith("labeler C3: ");
            assertThat(bed.refused(line("info roms\\nstop"))).startsWith("labeler C3: ");
        }
    }

    @Test
    void a_property_is_allowed_by_its_name() throws IOException {
        try (RuleBed bed = bed("qom-set deflate-on-oom")) {
            String path = "'path':'/machine/peripheral/balloon',";
            assertThat(bed.refused(command("qom-set", path + "'property':'drive','value':'x'")))
                    .startsWith("labeler C4: ");
            bed.refusedByQemu(command("qom-set", path + "'property':'deflate-on-oom','value':true"));
        }
    }

    @Test
    void what_crashes_qemu_is_not_allowed() throws IOException {
        try (RuleBed bed = bed("qom-set drive", "qom-set", "C4")) {
            assertThat(bed.refused(
                            command("qom-set", "'path':'/machine/peripheral/vd0','property':'drive','value':'top'")))
                    .startsWith("labeler C4: the device has node top already, and qemu would crash");
        }
    }

    @Test
    void the_file_of_a_property_may_lie_anywhere_then_and_is_judged_all_the_same() throws IOException {
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere"));
        Files.write(elsewhere.resolve("rom"), new byte[1024]);
        try (RuleBed bed = bed("device_add romfile")) {
            assertThat(bed.refused(rom("/proc/version"))).startsWith("labeler N2: ");
            assertThat(bed.refused(rom("relative"))).startsWith("labeler N1: ");
            bed.done(rom(elsewhere.resolve("rom").toString()));
            assertThat(bed.vm().holds()).anyMatch(hold -> hold.path().equals(HostPath.of(elsewhere.resolve("rom"))));
        }
    }

    /** Packages install ROMs there, which every VM may read and which get no label. */
    @Test
    void a_property_is_allowed_with_a_rom_of_the_system() throws IOException {
        try (RuleBed bed = bed("device_add romfile")) {
            assertThat(bed.refused(rom("/etc/hostname"))).startsWith("labeler N5: ");
            bed.done(rom("/usr/share/qemu/kvmvapic.bin"));
        }
    }

    @Test
    void files_in_any_directory_are_none_of_the_system() throws IOException {
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere"));
        Files.write(elsewhere.resolve("image"), new byte[1024]);
        Files.createSymbolicLink(elsewhere.resolve("run"), Path.of("/run"));
        try (RuleBed bed = bed("N4")) {
            bed.done(file("x", elsewhere + "/image"));
            assertThat(bed.refused(file("y", "/etc/hostname")))
                    .startsWith("labeler N5: /etc/hostname is a file of the system");
            for (String made : List.of("/run/labeler-never", elsewhere + "/run/labeler-never")) {
                assertThat(bed.refused(RuleCase.dump(made))).as(made).startsWith("labeler N5: ");
            }
        }
        assertThat(Path.of("/run/labeler-never")).doesNotExist();
    }

    /** The kernel executes it by any name. */
    @Test
    void no_command_has_a_vm_write_a_program() throws IOException {
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere"));
        Files.copy(Path.of("/bin/true"), elsewhere.resolve("program"), StandardCopyOption.COPY_ATTRIBUTES);
        Files.createLink(elsewhere.resolve("link"), elsewhere.resolve("program"));
        try (RuleBed bed = bed("N4")) {
            assertThat(bed.refused(file("x", elsewhere + "/program"))).startsWith("labeler N5: ");
            for (String name : List.of("program", "link")) {
                assertThat(bed.refused(RuleCase.dump(elsewhere + "/" + name)))
                        .startsWith("labeler N5: ")
                        .contains("is a program or a library of this host");
                assertThat(bed.refused(RuleCase.command(
                                "blockdev-add",
                                "'driver':'file','node-name':'y','filename':'" + elsewhere + "/" + name + "'")))
                        .startsWith("labeler N5: ");
            }
        }
    }

    @Test
    void without_the_permission_it_has_to_be_below_the_roots() throws IOException {
        try (RuleBed bed = bed()) {
            assertThat(bed.refused(rom("/etc/hostname"))).startsWith("labeler N4: ");
        }
    }

    @Test
    void roots_of_the_settings_are_roots_of_each_vm() throws IOException {
        Path elsewhere = Files.createDirectories(root.resolve("elsewhere"));
        Files.write(elsewhere.resolve("image"), new byte[1024]);
        GuardConfig settings = new GuardConfig(List.of(), List.of(HostPath.of(elsewhere)), Optional.empty());
        try (RuleBed bed = new RuleBed(root, settings)) {
            bed.done(file("x", elsewhere + "/image"));
            assertThat(bed.refused(file("y", "/etc/hostname"))).startsWith("labeler N4: ");
        }
    }

    /** qemu answers hardly any question before, and nothing but that command ends it. */
    @Test
    void a_vm_that_waits_for_its_configuration_can_begin() throws IOException {
        List<String> arguments = new ArrayList<>(JudgedQemu.arguments(List.of(), List.of()));
        arguments.add("-preconfig");
        try (FollowedHost host = new FollowedHost(root);
                JudgedQemu qemu = new JudgedQemu(host, root, new VmName("one"), arguments, GuardConfig.DEFAULT)) {
            qemu.done("{'execute':'x-exit-preconfig'}");
            qemu.done("{'execute':'query-named-block-nodes'}");
            assertThat(qemu.refused("{'execute':'x-query-irq'}")).startsWith("labeler C4: ");
        }
    }

    /** The rule's own name allows the other four. */
    @ParameterizedTest
    @EnumSource(
            value = Rule.class,
            mode = EnumSource.Mode.EXCLUDE,
            names = {"N4", "C2", "C3", "C4"})
    void a_rule_is_not_switched_off_by_its_name(Rule rule) throws IOException {
        try (RuleBed bed = bed(rule.name(), "S*", "N1", "N2", "N3", "N5", "C1", "C5", "C6", "C7")) {
            RuleCase one = RulesTest.of(rule);
            one.before().make(bed);
            for (String broken : one.broken()) {
                assertThat(bed.refused(broken)).as(broken).startsWith("labeler " + rule + ": ");
            }
        }
    }

    @Test
    void names_state_and_the_guard_itself_are_never_allowed() throws IOException {
        try (RuleBed bed =
                bed("N1", "N2", "N3", "S*", "C1", "C6", "C7", "N4", "blockdev-add", "yank", "chardev-remove")) {
            assertThat(bed.refused(file("x", "relative"))).startsWith("labeler N1: ");
            assertThat(bed.refused(file("x", "/proc/version"))).startsWith("labeler N2: ");
            assertThat(bed.refused(command("blockdev-add", "'driver':'file','node-name':'x','filename':'@/base'")))
                    .startsWith("labeler S3: ");
            assertThat(bed.refused(command("yank", "'instances':[{'type':'chardev','id':'labeler-monitor'}]")))
                    .startsWith("labeler C6: ");
            assertThat(bed.refused(command("chardev-remove", "'id':'labeler-monitor'")))
                    .startsWith("labeler C6: ");
        }
    }
}
