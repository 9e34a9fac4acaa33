package labeler.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.launch.Allowance.Kind;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LandlockRight;
import labeler.linux.LandlockRule;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process that becomes qemu gets a rule for each file that was judged, and for no other that has its name. Real files. */
class LandlockRulesTest {
    private static final HostPath PROGRAM = HostPath.of("/bin/true");

    private final Linux linux = JnaLinux.create();
    private final Pid self = new Pid((int) ProcessHandle.current().pid());
    private final LandlockRules rules = new LandlockRules(linux.open(), self);

    @TempDir
    Path directory;

    private HostPath named(String name) {
        return HostPath.of(directory.resolve(name).toString());
    }

    private HostPath made(String name) throws IOException {
        Files.writeString(directory.resolve(name), name);
        return named(name);
    }

    private Allowance judged(HostPath path, Kind kind) {
        return new Allowance(path, kind, linux.open().number(path));
    }

    private static Allowance unjudged(HostPath path, Kind kind) {
        return new Allowance(path, kind, Optional.empty());
    }

    private int uid() throws IOException {
        return (int) Files.getAttribute(directory, "unix:uid");
    }

    private LandlockRules.Result asked(Allowance... allowances) throws IOException {
        return rules.of(List.of(allowances), PROGRAM, uid(), (int) Files.getAttribute(directory, "unix:gid"));
    }

    /** Without that of the program. Their files are closed. */
    private List<LandlockRule> given(Allowance... allowances) throws IOException {
        if (asked(allowances) instanceof LandlockRules.Rules(List<LandlockRule> all)) {
            all.forEach(rule -> rule.file().close());
            return all.subList(0, all.size() - 1);
        }
        throw new AssertionError("refused");
    }

    private String refused(Allowance... allowances) throws IOException {
        return asked(allowances) instanceof LandlockRules.NoRules(String message) ? message : "not refused";
    }

    /** The descriptors of this process that are open on a file below the test's directory. */
    private long open() throws IOException {
        try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
            Predicate<Path> isHere = descriptor -> {
                try {
                    return Files.readSymbolicLink(descriptor).startsWith(directory);
                } catch (IOException e) {
                    // Closed since.
                    return false;
                }
            };
            return descriptors.filter(isHere).count();
        }
    }

    @Test
    void a_file_that_took_the_place_of_the_judged_one_is_refused() throws IOException {
        Allowance kept = judged(made("kept"), Kind.READ);
        for (Kind kind : List.of(Kind.READ, Kind.READ_WRITE)) {
            Allowance disk = judged(made("disk"), kind);
            assertThat(given(disk)).hasSize(1);

            made("other");
            Files.move(directory.resolve("other"), directory.resolve("disk"), StandardCopyOption.REPLACE_EXISTING);

            assertThat(refused(kept, disk))
                    .as("%s", kind)
                    .isEqualTo(named("disk") + ": another file took its place after it was labelled; start again");
            assertThat(open()).as("files that stayed open").isZero();
        }
    }

    @Test
    void a_link_that_leads_elsewhere_since_is_refused() throws IOException {
        HostPath secret = made("secret");
        made("disk");
        Path link = Files.createSymbolicLink(directory.resolve("link"), directory.resolve("disk"));
        Allowance disk = judged(named("link"), Kind.READ_WRITE);
        assertThat(given(disk)).hasSize(1);

        Files.delete(link);
        Files.createSymbolicLink(link, Path.of(secret.toString()));

        assertThat(refused(disk)).contains("another file took its place");
    }

    @Test
    void an_output_is_made_for_the_user_alone_and_one_that_somebody_else_made_is_refused() throws IOException {
        List<LandlockRule> made = given(unjudged(named("pid"), Kind.OUTPUT));
        assertThat(made)
                .singleElement()
                .satisfies(rule -> assertThat(rule.rights()).contains(LandlockRight.WRITE_FILE));
        Path file = directory.resolve("pid");
        assertThat(Files.getAttribute(file, "unix:mode")).isEqualTo(0100600);
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(uid());

        assertThat(refused(unjudged(named("pid"), Kind.OUTPUT))).contains("somebody made it after");
        Files.delete(file);
        Files.createSymbolicLink(file, directory.resolve("elsewhere"));
        assertThat(refused(unjudged(named("pid"), Kind.OUTPUT))).contains("somebody made it after");
        assertThat(directory.resolve("elsewhere")).doesNotExist();
    }

    @Test
    void the_socket_of_an_earlier_qemu_goes_and_nothing_else_of_its_name() throws IOException {
        Path socket = directory.resolve("s");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
        }
        assertThat(given(unjudged(named("s"), Kind.SOCKET)))
                .singleElement()
                .satisfies(rule -> assertThat(rule.file().path()).isEqualTo(HostPath.of(directory.toString())));
        assertThat(socket).doesNotExist();

        made("s");
        assertThat(given(unjudged(named("s"), Kind.SOCKET))).hasSize(1);
        assertThat(socket).exists();
        Files.delete(socket);
        Files.createSymbolicLink(socket, directory.resolve("other"));
        assertThat(given(unjudged(named("s"), Kind.SOCKET))).hasSize(1);
        assertThat(Files.exists(socket, LinkOption.NOFOLLOW_LINKS)).isTrue();
    }

    @Test
    void what_the_system_has_not_needs_no_rule_and_a_disk_that_is_gone_is_refused() throws IOException {
        assertThat(given(unjudged(named("none"), Kind.SYSTEM), unjudged(named("none"), Kind.DEVICE)))
                .isEmpty();
        FileIdentity gone = linux.open().number(made("disk")).orElseThrow();
        Files.delete(directory.resolve("disk"));
        assertThat(refused(new Allowance(named("disk"), Kind.READ_WRITE, Optional.of(gone))))
                .startsWith(named("disk") + ": ");
    }

    @Test
    void the_process_reads_of_itself_alone() throws IOException {
        assertThat(given(unjudged(HostPath.of("/proc/self"), Kind.SYSTEM)))
                .singleElement()
                .satisfies(rule -> assertThat(rule.file().realPath()).isEqualTo(HostPath.of("/proc/" + self.value())));
    }
}
