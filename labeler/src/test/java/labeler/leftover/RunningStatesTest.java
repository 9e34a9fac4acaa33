package labeler.leftover;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainFacts;
import labeler.vm.libvirt.LibvirtHost;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The directory belongs to the user of all qemus. */
class RunningStatesTest {
    private static final String DIRECTORY = "/run/libvirt/qemu";
    private static final int QEMU = 107;

    private final FakeLinux kernel = new FakeLinux();
    private final LibvirtDomains domains = new LibvirtDomains(
            new LibvirtFiles(Path.of("/etc/libvirt/qemu"), Path.of(DIRECTORY)), LibvirtHost.UNKNOWN, kernel.linux());

    @BeforeEach
    void oneDomainRuns() {
        state("two", "two", "/vm/two.iso");
    }

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(kernel.openDescriptors()).isZero();
    }

    private static String path(String file) {
        return DIRECTORY + "/" + file + ".xml";
    }

    private void state(String file, String domain, String source) {
        String xml = "<domstatus><domain><name>" + domain + "</name><devices><disk><source file='" + source
                + "'/></disk></devices></domain></domstatus>";
        kernel.file(path(file), xml.getBytes(StandardCharsets.UTF_8));
    }

    private static List<HostPath> sources(LibvirtFiles.Known known) {
        return known.facts().stream()
                .map(DomainFacts::files)
                .flatMap(sources -> sources.stream())
                .toList();
    }

    @Test
    void what_is_not_of_roots_is_named_and_makes_nothing_unknown() {
        state("a", "a", "/vm/foreign");
        kernel.owner(path("a"), QEMU, QEMU, 0600);
        kernel.file(path("broken"), new byte[] {'<'});
        kernel.owner(path("broken"), QEMU, QEMU, 0600);
        kernel.fifo(path("pipe"));
        kernel.symbolicLink(path("link"), path("two"));

        LibvirtFiles.Known known = domains.ofRunning();

        assertThat(sources(known)).containsExactly(HostPath.of("/vm/two.iso"));
        assertThat(known.unread()).isEmpty();
        assertThat(known.foreign().orElseThrow()).contains("and 3 more", "of root's");
    }

    /** An open of a pipe would wait for a writer, for good. */
    @Test
    void a_pipe_that_takes_the_place_of_a_state_is_never_opened() {
        kernel.faults().beforeNext("openat2", () -> {
            kernel.delete(path("two"));
            kernel.fifo(path("two"));
        });

        LibvirtFiles.Known known = domains.ofRunning();

        assertThat(known.facts()).isEmpty();
        assertThat(known.foreign()).isPresent();
    }

    @Test
    void a_state_with_many_names_is_read_once() {
        for (int name = 0; name < 100; name++) {
            kernel.hardLink(path("two"), path("name" + name));
        }

        assertThat(domains.ofRunning().facts()).hasSize(1);
        assertThat(kernel.faults().calls().stream().filter(call -> call.name().equals("pread")))
                .hasSizeLessThan(10);
    }

    @Test
    void more_names_than_libvirt_has_are_not_all_looked_at() {
        for (int name = 0; name < 50_001; name++) {
            kernel.file(DIRECTORY + "/" + name, new byte[0]);
        }

        assertThat(domains.ofRunning().unread()).singleElement().asString().contains("take away what is not its");
    }

    @Test
    void the_state_of_another_domain_at_the_place_of_the_ended_ones_counts() {
        state("one", "one", "/vm/one.iso");
        assertThat(sources(domains.ofRunningBeside(new VmName("one")))).containsExactly(HostPath.of("/vm/two.iso"));

        kernel.rename(path("two"), path("one"));

        assertThat(sources(domains.ofRunningBeside(new VmName("one")))).containsExactly(HostPath.of("/vm/two.iso"));
    }

    @Test
    void a_state_of_roots_that_cannot_be_read_is_told_except_the_ended_domains_own() {
        kernel.faults().failAlways("openat2", path("two"), Errno.EACCES);

        assertThat(domains.ofRunningBeside(new VmName("one")).unread())
                .singleElement()
                .asString()
                .startsWith(path("two"));
        assertThat(domains.ofRunningBeside(new VmName("two")).unread()).isEmpty();
    }

    @Test
    void without_a_libvirt_nothing_runs() {
        kernel.delete(path("two"));
        kernel.delete(DIRECTORY);

        assertThat(domains.ofRunning().facts()).isEmpty();
        assertThat(domains.ofRunning().unread()).isEmpty();
    }
}
