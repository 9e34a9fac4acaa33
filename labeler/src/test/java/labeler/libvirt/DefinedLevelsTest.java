package labeler.libvirt;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import labeler.selinux.Level;
import labeler.vm.libvirt.DomainLevels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinedLevelsTest {
    private final Path directory;
    private final List<String> warnings = new ArrayList<>();
    private final DefinedLevels levels;

    DefinedLevelsTest(@TempDir Path directory) {
        this.directory = directory;
        this.levels = new DefinedLevels(directory, warnings::add);
    }

    private static String definition(String name, String level) {
        return "<!-- by libvirt -->\n<domain type='kvm'><name>" + name
                + "</name><seclabel type='static' model='selinux' relabel='no'><label>system_u:system_r:svirt_t:"
                + level + "</label></seclabel></domain>";
    }

    /** As libvirt does: a new file, and a rename over the old one. */
    private void define(String name, String text) throws IOException {
        Path made = Files.writeString(directory.resolve(name + ".xml.new"), text);
        Files.move(made, directory.resolve(name + ".xml"), StandardCopyOption.ATOMIC_MOVE);
    }

    private boolean keeps(String domain, String level) {
        Level wanted = Level.parse(level).orElseThrow();
        return levels.now().stream().anyMatch(one -> one.domain().equals(domain) && one.keeps(wanted));
    }

    @Test
    void each_define_is_seen_at_once() throws IOException {
        assertThat(levels.now()).isEmpty();
        // The text has the same length each time, and the steps follow each other within one tick of the clock.
        for (int i = 100; i < 400; i++) {
            define("web1", definition("web1", "s0:c1,c" + i));
            assertThat(keeps("web1", "s0:c1,c" + i)).as("define " + i).isTrue();
        }
        Files.delete(directory.resolve("web1.xml"));
        assertThat(levels.now()).isEmpty();
        assertThat(warnings).isEmpty();
    }

    @Test
    void what_has_not_changed_is_not_read_again() throws IOException, InterruptedException {
        define("web1", definition("web1", "s0:c1,c2"));
        define("web2", definition("web2", "s0:c3,c4"));
        Thread.sleep(1200);
        assertThat(levels.now()).hasSize(2);
        // Behind libvirt's back: neither the directory nor the version of the file tells.
        Path file = directory.resolve("web1.xml");
        List<DomainLevels> before = levels.now();
        Files.setLastModifiedTime(file, FileTime.from(Instant.EPOCH));
        assertThat(levels.now()).isEqualTo(before);

        define("web2", definition("web2", "s0:c5,c6"));
        assertThat(keeps("web2", "s0:c5,c6")).isTrue();
        assertThat(keeps("web2", "s0:c3,c4")).isFalse();
        assertThat(keeps("web1", "s0:c1,c2")).isTrue();
    }

    @Test
    void what_cannot_be_understood_is_warned_of_and_the_rest_is_known() throws IOException {
        define("odd", "<domain");
        define("network", "<network><name>a</name></network>");
        define("web1", definition("web1", "s0:c1,c2"));
        Files.createDirectory(directory.resolve("directory.xml"));
        Files.createSymbolicLink(directory.resolve("link.xml"), directory.resolve("web1.xml"));

        assertThat(levels.now()).extracting(DomainLevels::domain).containsExactly("web1");
        assertThat(levels.now()).hasSize(1);
        assertThat(warnings)
                .hasSize(2)
                .allSatisfy(warning -> assertThat(warning)
                        .contains(directory + "/")
                        .contains("a level that it keeps for its domain is not known"));
    }

    @Test
    void without_libvirt_there_is_nothing() {
        assertThat(new DefinedLevels(directory.resolve("none"), warnings::add).now())
                .isEmpty();
        assertThat(warnings).isEmpty();
    }

    @Test
    void the_labels_of_devices_are_named_and_not_kept() throws IOException {
        define(
                "web1",
                "<domain><name>web1</name><metadata><x:label xmlns:x='urn:x'>a:b:c:s0:c8,c9</x:label></metadata>"
                        + "<devices><disk><source file='/a'><seclabel><label>a:b:c:s0:c1,c2</label></seclabel></source>"
                        + "</disk></devices><seclabel model='dac' type='static'><label>+0:+0</label></seclabel>"
                        + "<seclabel model='selinux' type='static'><label>a:b:c:s0:c3,c4,c5</label></seclabel></domain>");

        assertThat(levels.now()).singleElement().satisfies(one -> {
            assertThat(one.own())
                    .extracting(Level::toString)
                    .containsExactlyInAnyOrder("s0:c3,c4", "s0:c3,c5", "s0:c4,c5");
            assertThat(one.named()).hasSize(4).contains(Level.parse("s0:c1,c2").orElseThrow());
        });
    }

    @Test
    void a_thousand_definitions_cost_nothing_while_none_changes() throws IOException, InterruptedException {
        for (int i : IntStream.range(0, 1000).toArray()) {
            define("vm" + i, definition("vm" + i, "s0:c1,c" + (i % 1000 + 2)));
        }
        Thread.sleep(1200);
        assertThat(levels.now()).hasSize(1000);
        long before = System.nanoTime();
        for (int i = 0; i < 100; i++) {
            levels.now();
        }
        assertThat((System.nanoTime() - before) / 100).as("nanoseconds of one").isLessThan(5_000_000L);
    }
}
