package labeler.guard.place;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import labeler.linux.ForwardingOpen;
import labeler.linux.HostPath;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRequest;
import labeler.linux.SafeOpen;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Guarded sockets in real directories, which their owner changes at the same time. */
class GuardedSocketTest {
    /** A file system in memory, always another one than that of temporary files. */
    private static final Path OTHER_FILE_SYSTEM = Path.of("/dev/shm");

    private final SafeOpen open = JnaLinux.create().open();
    private final int own;
    private final Path directory;
    private final Path victim;
    private final Path farNursery;

    GuardedSocketTest(@TempDir Path temporary) throws IOException {
        this.directory = Files.createDirectory(temporary.resolve("owners"));
        this.victim = Files.createDirectory(
                temporary.resolve("victim"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        this.own = (int) Files.getAttribute(temporary, "unix:uid");
        this.farNursery = Files.createTempDirectory(OTHER_FILE_SYSTEM, "nursery");
    }

    @BeforeEach
    void theFileSystemsDiffer() throws IOException {
        assertThat(Files.getFileStore(farNursery)).isNotEqualTo(Files.getFileStore(directory));
    }

    @AfterEach
    void removeNursery() throws IOException {
        Files.deleteIfExists(farNursery.resolve("new"));
        Files.delete(farNursery);
    }

    private HeldName name(SafeOpen by, Path place) throws IOException {
        return HeldName.of(by, HostPath.of(place));
    }

    private GuardedSocket opened(SafeOpen by, Path nursery) throws IOException {
        return GuardedSocket.open(name(by, directory.resolve("qmp")), nursery, own, OptionalInt.empty());
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> String.valueOf(entry.getFileName())).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void a_socket_has_its_mode_from_the_beginning_and_goes_with_the_vm(boolean isElsewhere) throws IOException {
        Path nursery = isElsewhere ? farNursery : Files.createDirectory(directory.resolveSibling("nursery"));

        GuardedSocket socket = opened(open, nursery);

        assertThat(names(directory)).containsExactly("qmp");
        assertThat(mode(directory.resolve("qmp"))).isEqualTo("rw-------");
        socket.remove();
        assertThat(names(directory)).isEmpty();
    }

    /** The directory in which the socket is made has gone, and a link is in its place. */
    @Test
    void no_owner_and_no_mode_is_given_to_what_a_link_leads_to() throws IOException {
        Files.createFile(victim.resolve("new"));
        Files.setPosixFilePermissions(victim.resolve("new"), PosixFilePermissions.fromString("rwxr-xr-x"));
        SafeOpen changing = new ForwardingOpen(open) {
            @Override
            public OpenOutcome find(HostPath path, OpenRequest request) {
                exchange(path.jdkPath(), request);
                return super.find(path, request);
            }
        };

        assertThatThrownBy(() -> opened(changing, farNursery)).isInstanceOf(IOException.class);

        assertThat(mode(victim)).isEqualTo("rwxr-xr-x");
        assertThat(mode(victim.resolve("new"))).isEqualTo("rwxr-xr-x");
        assertThat(names(victim)).containsExactly("new");
    }

    private void exchange(Path made, OpenRequest request) {
        if (!request.equals(OpenRequest.DIRECTORY)) {
            return;
        }
        try {
            Files.move(made, directory.resolveSibling("moved"));
            Files.createSymbolicLink(made, victim);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its owner makes one that others may enter. */
    @Test
    void a_directory_that_is_not_the_services_alone_is_not_used() throws IOException {
        SafeOpen changing = new ForwardingOpen(open) {
            @Override
            public OpenOutcome find(HostPath path, OpenRequest request) {
                if (request.equals(OpenRequest.DIRECTORY)) {
                    open(path.jdkPath());
                }
                return super.find(path, request);
            }

            private void open(Path made) {
                try {
                    Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxrwxrwx"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };

        assertThatThrownBy(() -> opened(changing, farNursery)).hasMessageContaining("is changed by its owner");
    }

    @Test
    void an_entry_that_the_owner_makes_in_the_place_of_the_services_directory_stays_the_owners() throws IOException {
        SafeOpen changing = new ForwardingOpen(open) {
            @Override
            public OpenOutcome find(HostPath path, OpenRequest request) {
                OpenOutcome found = super.find(path, request);
                if (request.equals(OpenRequest.DIRECTORY)) {
                    fill(path.jdkPath());
                }
                return found;
            }

            private void fill(Path made) {
                try {
                    Files.move(made, directory.resolveSibling("moved"));
                    Files.createFile(Files.createDirectory(made).resolve("owners"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        };

        GuardedSocket socket = opened(changing, farNursery);

        assertThat(mode(directory.resolve("qmp"))).isEqualTo("rw-------");
        socket.remove();
        assertThat(names(directory)).hasSize(1);
    }

    @Test
    void a_name_stays_in_the_directory_that_was_found() throws IOException {
        HeldName name = name(open, directory.resolve("qmp"));
        Path nursery = Files.createDirectory(directory.resolveSibling("nursery"));
        Path moved = Files.move(directory, directory.resolveSibling("moved"));
        Files.createSymbolicLink(directory, victim);

        GuardedSocket socket = GuardedSocket.open(name, nursery, own, OptionalInt.empty());

        assertThat(names(victim)).isEmpty();
        assertThat(names(moved)).containsExactly("qmp");
        Files.createFile(victim.resolve("qmp"));
        socket.remove();
        assertThat(names(victim)).containsExactly("qmp");
        assertThat(names(moved)).isEmpty();
    }

    /** A guard that ends with its monitor has removed it before the VM's end does. */
    @Test
    void a_socket_that_is_removed_may_be_removed_again() throws IOException {
        GuardedSocket socket = opened(open, farNursery).kept(() -> {});

        socket.remove();
        Files.createFile(directory.resolve("qmp"));
        socket.remove();

        assertThat(names(directory)).containsExactly("qmp");
    }

    @Test
    void what_is_no_socket_is_not_replaced() throws IOException {
        new ProcessBuilder("mkfifo", directory.resolve("qmp").toString())
                .start()
                .onExit()
                .join();

        assertThatThrownBy(() -> opened(open, farNursery)).hasMessageContaining("is there and no socket");
    }
}
