package labeler.libvirt;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import labeler.selinux.Level;
import labeler.vm.libvirt.DomainFacts.DomainLevels;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DefinedLevelsTest {
    private final Path directory;
    private final List<String> warnings = new ArrayList<>();
    private final AtomicInteger reads = new AtomicInteger();
    private final Set<String> unreadable = ConcurrentHashMap.newKeySet();
    private final DefinedLevels levels;

    DefinedLevelsTest(@TempDir Path directory) {
        this.directory = directory;
        this.levels = new DefinedLevels(directory, warnings::add, this::read, InstantSource.system());
    }

    private byte[] read(Path file) throws IOException {
        reads.incrementAndGet();
        if (unreadable.contains(String.valueOf(file.getFileName()))) {
            throw new AccessDeniedException(file.toString());
        }
        return DefinedLevels.bytes(file);
    }

    /** Until what has changed counts as known. */
    private void settle() {
        int before;
        do {
            before = reads.get();
            levels.now();
        } while (reads.get() != before);
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
    void what_has_not_changed_is_not_read_again() throws IOException {
        define("web1", definition("web1", "s0:c1,c2"));
        define("web2", definition("web2", "s0:c3,c4"));
        settle();
        assertThat(levels.now()).hasSize(2);
        // Behind libvirt's back: the directory does not tell, and it alone is looked at.
        Files.writeString(directory.resolve("web1.xml"), definition("web1", "s0:c7,c8"));
        int before = reads.get();
        for (int i = 0; i < 100; i++) {
            assertThat(keeps("web1", "s0:c1,c2")).isTrue();
        }
        assertThat(reads).hasValue(before);

        define("web2", definition("web2", "s0:c5,c6"));
        assertThat(keeps("web2", "s0:c5,c6")).isTrue();
        assertThat(keeps("web2", "s0:c3,c4")).isFalse();
        assertThat(keeps("web1", "s0:c7,c8")).isTrue();
    }

    @Test
    void what_cannot_be_understood_is_warned_of_once_and_the_rest_is_known() throws IOException {
        define("odd", "<domain");
        define("network", "<network><name>a</name></network>");
        define("large", " ".repeat((4 << 20) + 1));
        define("web1", definition("web1", "s0:c1,c2"));
        Files.createDirectory(directory.resolve("directory.xml"));
        Files.createSymbolicLink(directory.resolve("link.xml"), directory.resolve("web1.xml"));

        assertThat(levels.now()).extracting(DomainLevels::domain).containsExactly("web1");
        settle();
        assertThat(levels.now()).hasSize(1);
        assertThat(warnings)
                .hasSize(5)
                .allSatisfy(warning -> assertThat(warning)
                        .contains(directory + "/")
                        .contains("a level that it keeps for its domain is not known"))
                .anySatisfy(warning -> assertThat(warning).contains("/link.xml: it is no regular file"))
                .anySatisfy(warning -> assertThat(warning).contains("/directory.xml: it is no regular file"))
                .anySatisfy(warning -> assertThat(warning).contains("/large.xml: more than 4 MiB"));
    }

    @Test
    void what_cannot_be_read_is_warned_of_once_and_tried_again_alone() throws IOException {
        define("web1", definition("web1", "s0:c1,c2"));
        define("web2", definition("web2", "s0:c3,c4"));
        assertThat(levels.now()).hasSize(2);
        define("web1", definition("web1", "s0:c5,c6"));
        unreadable.add("web1.xml");
        // What it kept before may still count.
        assertThat(keeps("web1", "s0:c1,c2")).isTrue();
        eventually("one file is read", () -> readsOfOneLook() <= 1);
        assertThat(readsOfOneLook()).isEqualTo(1);
        assertThat(warnings).singleElement().asString().contains("/web1.xml");

        unreadable.clear();
        assertThat(keeps("web1", "s0:c5,c6")).isTrue();
        settle();
        assertThat(readsOfOneLook()).isZero();
        assertThat(warnings).hasSize(1);
    }

    private int readsOfOneLook() {
        int before = reads.get();
        levels.now();
        return reads.get() - before;
    }

    @Test
    void many_who_ask_at_one_time_read_each_definition_once() throws Exception {
        define("web1", definition("web1", "s0:c1,c2"));
        define("web2", definition("web2", "s0:c3,c4"));
        settle();
        reads.set(0);
        int many = 8;
        CountDownLatch asking = new CountDownLatch(many);
        DefinedLevels fresh = new DefinedLevels(
                directory,
                warnings::add,
                file -> {
                    awaited(asking);
                    return read(file);
                },
                InstantSource.system());
        try (ExecutorService threads = Executors.newFixedThreadPool(many)) {
            List<Future<List<DomainLevels>>> answers = new ArrayList<>();
            for (int i = 0; i < many; i++) {
                answers.add(threads.submit(() -> {
                    asking.countDown();
                    return fresh.now();
                }));
            }
            for (Future<List<DomainLevels>> answer : answers) {
                assertThat(answer.get()).hasSize(2);
            }
        }
        assertThat(reads).hasValue(2);
    }

    private static void awaited(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    @Test
    void a_clock_that_was_set_back_makes_nobody_read_all_again() throws IOException {
        define("web1", definition("web1", "s0:c1,c2"));
        Instant before = Instant.now().minus(Duration.ofHours(1));
        DefinedLevels later = new DefinedLevels(directory, warnings::add, this::read, () -> before);

        assertThat(later.now()).hasSize(1);
        assertThat(later.now()).hasSize(1);
        assertThat(reads).hasValue(1);
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
}
