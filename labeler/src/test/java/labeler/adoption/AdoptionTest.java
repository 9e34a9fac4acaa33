package labeler.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdoptionTest {
    private static final VmName WEB1 = new VmName("web1");
    private static final HostPath QEMU = HostPath.of("/usr/bin/qemu-system-x86_64");

    private final Path emulator;
    private final Path names;
    private final HostPath ours;

    AdoptionTest(@TempDir Path directory) {
        this.emulator = directory.resolve("labeler-emulator");
        this.names = directory.resolve("emulators");
        this.ours = HostPath.of(names + QEMU.printable());
    }

    @BeforeEach
    void install() throws IOException {
        Files.createFile(emulator, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
    }

    private static String domain(String name, String program) {
        return "<domain><name>" + name + "</name><devices><emulator>" + program + "</emulator></devices></domain>";
    }

    private Adoption adoption(FakeVirsh virsh) {
        return new Adoption(virsh, new EmulatorNames(HostPath.of(names)), emulator);
    }

    @Test
    void an_adopted_domain_has_a_name_for_its_emulator_and_a_released_one_its_own_again() throws IOException {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        String before = virsh.definition;

        assertThat(adoption(virsh).adopt(WEB1)).isEqualTo(new Adoption.Done(WEB1, ours, QEMU, true, false));
        assertThat(virsh.definition).isEqualTo(domain("web1", ours.printable()));
        assertThat(Files.readSymbolicLink(ours.jdkPath())).isEqualTo(emulator);
        assertThat(adoption(virsh).adopt(WEB1)).isEqualTo(new Adoption.Done(WEB1, ours, QEMU, false, false));

        virsh.state = "running\n";
        assertThat(adoption(virsh).release(WEB1)).isEqualTo(new Adoption.Done(WEB1, QEMU, QEMU, true, true));
        assertThat(virsh.definition).isEqualTo(before);
        assertThat(adoption(virsh).release(WEB1)).isEqualTo(new Adoption.Done(WEB1, QEMU, QEMU, false, true));
    }

    @Test
    void a_name_that_was_lost_is_made_again() throws IOException {
        FakeVirsh virsh = new FakeVirsh(domain("web1", ours.printable()));

        assertThat(adoption(virsh).adopt(WEB1)).isInstanceOf(Adoption.Done.class);
        assertThat(Files.readSymbolicLink(ours.jdkPath())).isEqualTo(emulator);
    }

    @Test
    void a_file_of_somebody_else_is_not_replaced() throws IOException {
        Files.createDirectories(ours.jdkPath().getParent());
        Files.writeString(ours.jdkPath(), "somebody's");
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));

        assertThat(adoption(virsh).adopt(WEB1))
                .isInstanceOfSatisfying(
                        Adoption.Failed.class,
                        failed -> assertThat(failed.message()).contains("is no link of labeler's"));
        assertThat(ours.jdkPath()).hasContent("somebody's");
    }

    @Test
    void what_cannot_be_changed_so_is_refused_and_left() {
        FakeVirsh transientDomain = new FakeVirsh(domain("web1", QEMU.printable()));
        transientDomain.information = "Persistent:     no\n";
        for (FakeVirsh virsh : new FakeVirsh[] {
            transientDomain,
            new FakeVirsh(domain("another", QEMU.printable())),
            new FakeVirsh(domain("web1", "qemu")),
            new FakeVirsh(domain("web1", "/usr/../bin/qemu")),
            new FakeVirsh(domain("web1", "/bin/q\u202emu")),
            new FakeVirsh("<domain><name>web1</name></domain>")
        }) {
            String before = virsh.definition;
            assertThat(adoption(virsh).adopt(WEB1)).as(before).isInstanceOf(Adoption.Refused.class);
            assertThat(virsh.definition).isEqualTo(before);
        }
    }

    @Test
    void what_virsh_says_is_passed_on_in_one_line() {
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));
        virsh.defineError = "error: Failed to define\nerror: no reason\n";

        assertThat(adoption(virsh).adopt(WEB1))
                .isEqualTo(new Adoption.Failed("web1: virsh define fails: error: Failed to define error: no reason"));
    }

    @Test
    void without_the_program_nothing_is_adopted() throws IOException {
        Files.delete(emulator);
        FakeVirsh virsh = new FakeVirsh(domain("web1", QEMU.printable()));

        assertThat(adoption(virsh).adopt(WEB1)).isInstanceOf(Adoption.Failed.class);
        assertThat(virsh.definition).isEqualTo(domain("web1", QEMU.printable()));
    }
}
