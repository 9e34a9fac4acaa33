package labeler.adoption;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import labeler.libvirt.DefinedLevels;
import labeler.linux.HostPath;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Domains whose definition chooses the label of a file: libvirt takes that only where it labels the domain. */
class ChosenLabelsTest {
    private static final VmName DOMAIN = new VmName("web1");

    private static String domain(String seclabel) {
        return "<domain><name>web1</name><devices><emulator>/usr/bin/qemu</emulator><disk><source file='/a'>" + seclabel
                + "</source></disk></devices></domain>";
    }

    @Test
    void such_a_domain_is_refused_before_libvirt_refuses_it(@TempDir Path directory) throws IOException {
        FreeLabel label = (_, _) -> new FreeLabel.Free(
                SecurityContext.parse("system_u:system_r:svirt_t:s0:c1,c2").orElseThrow());
        for (String chosen : new String[] {
            "<seclabel model='selinux' relabel='no'/>", "<seclabel><label>system_u:object_r:a_t:s0</label></seclabel>"
        }) {
            FakeVirsh virsh = new FakeVirsh(domain(chosen));
            Adoption adoption = adoption(virsh, Files.createTempDirectory(directory, "host"));

            assertThat(adoption.adopt(DOMAIN, Optional.of(label)))
                    .isInstanceOfSatisfying(
                            Adoption.Refused.class,
                            refused -> assertThat(refused.message()).contains("seclabel", "without --label"));
            assertThat(virsh.definition).isEqualTo(domain(chosen));
            assertThat(adoption.adopt(DOMAIN, Optional.empty())).isInstanceOf(Adoption.Done.class);
        }
        FakeVirsh other = new FakeVirsh(domain("<seclabel model='dac' relabel='no'/>"));
        assertThat(adoption(other, directory).adopt(DOMAIN, Optional.of(label))).isInstanceOf(Adoption.Done.class);
    }

    private static Adoption adoption(FakeVirsh virsh, Path directory) throws IOException {
        Path emulator = Files.createFile(
                directory.resolve("labeler-emulator"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        return new Adoption(
                virsh,
                new EmulatorNames(HostPath.of(directory.resolve("names"))),
                emulator,
                new DefinedLevels(Files.createDirectory(directory.resolve("qemu")), _ -> {}));
    }
}
