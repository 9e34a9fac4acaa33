package labeler.guard.sense;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A directory with files of many owners or purposes is none of the VM's, although one of its images is in it. */
class PlacesTest {
    private static List<HostPath> paths(String... names) {
        return Stream.of(names).map(HostPath::of).toList();
    }

    @ParameterizedTest
    @CsvSource({
        "/root/disk2, true",
        "/root/.ssh/id_rsa, false",
        "/root/images/disk, true",
        "/root/images/deep/disk, true",
        "/disk, true",
        "/etc/shadow, false",
        "/etcetera, true",
        "/dev/vg/lv2, true",
        "/dev/sda, false",
        "/dev/vg/snapshots/lv, false",
        "/srv/any/thing, true",
        "/root, true",
    })
    void only_the_files_in_it_can_be_named(String name, boolean isGood) {
        NameRules.Places places = NameRules.Places.of(paths("/root", "/root/images", "/", "/dev/vg"), paths("/srv"));
        NameRules rules = new NameRules(places, HostPath.of("/run/vm"), true);

        assertThat(rules.file(name) instanceof NameRules.Good).isEqualTo(isGood);
        if (!isGood) {
            assertThat(rules.file(name)).asString().contains("N4").contains("/root/images or below guard.roots");
        }
    }

    /** What a client has opened itself, it may as well put where dumps and backups are. */
    @ParameterizedTest
    @CsvSource({
        "/etc/shadow, true, true",
        "/run/lock/any, true, true",
        "/var/log/messages, true, true",
        "/var/crash/web1.core, true, false",
        "/var/backups/web1/web1.save, true, false",
        "/var/spool/web1.core, true, false",
        "/var/cache/web1.core, true, false",
        "/var/cache/libvirt/qemu/qemu.screendump.x, false, false",
        "/var/cache/libvirt/qemu/capabilities/any.xml, true, false",
        "/var/cache/libvirt/qemu/any, true, false",
        "/var/lib/libvirt/qemu/domain-1-web1/qemu.screendump.YKWOZ3, false, false",
        "/var/lib/libvirt/qemu/domain-1-web1/qemu.mem.YKWOZ3, false, false",
        "/var/lib/libvirt/qemu/domain-1-web1/master-key.aes, false, false",
        "/var/lib/libvirt/qemu/domain-1-web1/qemu.mem.x/disk, false, false",
        "/var/lib/libvirt/qemu/save/web1.save, false, false",
        "/vm/disk, false, false",
    })
    void the_system_has_fewer_files_among_those_that_a_client_could_open(
            String name, boolean isNamed, boolean isOpened) {
        NameRules rules = new NameRules(NameRules.Places.of(paths("/vm"), List.of()), HostPath.of("/run/vm"), true);

        assertThat(rules.isOfSystem(HostPath.of(name))).isEqualTo(isNamed);
        assertThat(rules.file(name) instanceof NameRules.Good)
                .as("may be named by a command")
                .isEqualTo(name.startsWith("/vm/") || name.matches(".*/qemu\\.(screendump|mem)\\.[^/]*"));
        assertThat(rules.isOpenedOfSystem(HostPath.of(name))).isEqualTo(isOpened);
    }
}
