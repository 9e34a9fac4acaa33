package labeler.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.config.Config;
import labeler.config.ConfigReader;
import labeler.config.Overrides;
import labeler.hook.HookScript;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import labeler.policy.Policy;
import labeler.policy.PolicyTarget;
import labeler.policy.Programs;
import labeler.selinux.SelinuxHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found on hosts of several kinds, in real files. */
class HostExaminationTest {
    private static final int ROOT = 0;

    private final FakeLinux kernel = new FakeLinux();
    private final Path directory;

    HostExaminationTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        write("home/share/selinux/labeler.cil", "(block labeler)");
        kernel.exec().setLandlockVersion(7);
    }

    private void write(String path, String content) throws IOException {
        Path file = directory.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void selinux(String enforce) throws IOException {
        write("selinuxfs/enforce", enforce);
        write("etc/config", "SELINUXTYPE=default\n");
    }

    private Finding find(String check) {
        return find(check, settings());
    }

    private Finding find(String check, ConfigReader.Result settings) {
        SelinuxHost host = new SelinuxHost(directory.resolve("selinuxfs"), directory.resolve("etc"));
        Policy policy = new Policy(
                new PolicyTarget(Optional.empty(), directory, host, directory.resolve("proc")),
                new EmptyStore(),
                directory.resolve("home"),
                ROOT,
                _ -> {});
        return new HostExamination(
                        host,
                        policy,
                        kernel.exec(),
                        settings,
                        new HostPlaces(
                                directory.resolve("home"),
                                directory.resolve("sysctl"),
                                HostPath.of(directory.resolve("libvirt/hooks")),
                                HostPath.of(directory.resolve("emulators"))))
                .look().stream()
                        .filter(finding -> finding.check().equals(check))
                        .findFirst()
                        .orElseThrow();
    }

    private ConfigReader.Result settings() {
        return new ConfigReader.Read(Config.DEFAULT.with(new Overrides(
                Optional.empty(),
                Optional.of(directory.resolve("state")),
                Optional.of(directory.resolve("run")),
                Optional.empty())));
    }

    @Test
    void a_name_of_an_emulator_that_does_not_lead_to_this_programs_is_a_fault() throws IOException {
        assertThat(find("emulators").state()).isEqualTo(Finding.State.SKIPPED);
        write("home/libexec/labeler-emulator", "");
        Files.setPosixFilePermissions(
                directory.resolve("home/libexec/labeler-emulator"), PosixFilePermissions.fromString("rwxr-xr-x"));
        write("emulators/.lock", "");
        Path link =
                Files.createDirectories(directory.resolve("emulators/usr/bin")).resolve("qemu-system-x86_64");
        Files.createSymbolicLink(link, directory.resolve("home/bin/../libexec/labeler-emulator"));
        Files.createDirectory(directory.resolve("home/bin"));
        assertThat(find("emulators").state()).isEqualTo(Finding.State.GOOD);

        Files.createSymbolicLink(link.resolveSibling("another"), Path.of("bin/../libexec/labeler-emulator"));
        assertThat(find("emulators").state()).isEqualTo(Finding.State.FAULT);
        assertThat(find("emulators").message()).contains("/another does not lead to ");
    }

    @Test
    void without_selinux_the_policy_is_left_out_and_a_kernel_without_landlock_is_a_fault() {
        assertThat(find("policy").state()).isEqualTo(Finding.State.SKIPPED);
        assertThat(find("landlock").state()).isEqualTo(Finding.State.GOOD);
        kernel.exec().setLandlockVersion(2);
        assertThat(find("landlock").state()).isEqualTo(Finding.State.WARNING);
        kernel.exec().setLandlockVersion(0);
        assertThat(find("landlock").state()).isEqualTo(Finding.State.FAULT);
    }

    @Test
    void a_kernel_that_lets_users_link_to_each_others_files_is_a_warning() throws IOException {
        assertThat(find("hard-links").state()).isEqualTo(Finding.State.SKIPPED);
        write("sysctl/fs/protected_hardlinks", "1\n");
        assertThat(find("hard-links").state()).isEqualTo(Finding.State.GOOD);
        write("sysctl/fs/protected_hardlinks", "0\n");
        assertThat(find("hard-links").state()).isEqualTo(Finding.State.WARNING);
        assertThat(find("hard-links").remedy().orElseThrow()).contains("sysctl -w fs.protected_hardlinks=1");
    }

    @Test
    void a_policy_without_the_module_and_with_open_booleans_names_the_commands_that_mend_it() throws IOException {
        selinux("1");
        write("selinuxfs/booleans/virt_use_nfs", "1 1");
        kernel.exec().setLandlockVersion(0);

        assertThat(find("policy"))
                .isEqualTo(Finding.fault("policy", "the module is not as shipped: absent", "labeler policy install"));
        assertThat(find("booleans").remedy()).contains("setsebool -P virt_use_nfs off");
        assertThat(find("landlock").state()).isEqualTo(Finding.State.WARNING);
        selinux("0");
        assertThat(find("selinux").remedy()).contains("setenforce 1");
    }

    @Test
    void a_directory_that_others_can_change_is_a_fault_and_one_that_is_not_there_is_none() throws IOException {
        assertThat(find("state").state()).isEqualTo(Finding.State.SKIPPED);
        Path state = Files.createDirectory(
                directory.resolve("state"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        boolean isRoot = Files.getOwner(state).getName().equals("root");
        assertThat(find("state").state()).isEqualTo(isRoot ? Finding.State.GOOD : Finding.State.FAULT);
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwx---"));
        assertThat(find("state").state()).isEqualTo(Finding.State.FAULT);
        assertThat(find("state").remedy().orElseThrow()).contains("chmod go-w " + state);
        assertThat(find("settings", new ConfigReader.Invalid("line 3")).message())
                .isEqualTo("line 3");
    }

    @Test
    void the_hook_is_missed_only_where_libvirt_is() throws IOException {
        assertThat(find("hook").state()).isEqualTo(Finding.State.SKIPPED);
        Files.createDirectories(directory.resolve("libvirt/hooks"));
        assertThat(find("hook").remedy().orElseThrow()).startsWith("labeler hook install libvirt");
        var _ = new HookScript(HostPath.of(directory.resolve("libvirt/hooks"))).install();
        assertThat(find("hook").state()).isEqualTo(Finding.State.GOOD);
    }

    @Test
    void a_tree_without_its_class_archive_starts_slowly_and_says_what_makes_it() throws IOException {
        Files.createDirectories(directory.resolve("home/libexec"));
        assertThat(find("java").remedy().orElseThrow()).endsWith("libexec/archive-classes");
        write("home/lib/labeler.jsa", "");
        assertThat(find("java").state()).isEqualTo(Finding.State.GOOD);
        write("home/lib/archive", directory.resolve("cache/1.jsa") + "\n");
        assertThat(find("java").state()).isEqualTo(Finding.State.WARNING);
        write("cache/1.jsa", "");
        assertThat(find("java").state()).isEqualTo(Finding.State.GOOD);
    }

    @Test
    void only_a_fault_makes_an_examination_unhealthy() {
        assertThat(Examination.of(List.of(Finding.good("a", ""), Finding.warning("b", "", "")))
                        .healthy())
                .isTrue();
        assertThat(Examination.of(List.of(Finding.fault("a", "", ""))).healthy())
                .isFalse();
    }

    /** The tools of a policy whose store has no module of ours. */
    private record EmptyStore() implements Programs {
        @Override
        public Ended run(List<String> command, Consumer<Duration> waiting) {
            return new Ended(0, "100 base pp sha256:" + "0".repeat(64) + "\n", "");
        }

        @Override
        public boolean isInstalled(String name) {
            return true;
        }
    }
}
