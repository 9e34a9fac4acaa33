package labeler.launch;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No file that a VM leaves in its directory does harm. */
class RuntimeDirectoriesTest {
    private static final VmName ONE = new VmName("one");

    @TempDir
    Path temporary;

    private RuntimeDirectories directories() {
        return directories(OptionalInt.empty());
    }

    private RuntimeDirectories directories(OptionalInt visitors) {
        return new RuntimeDirectories(temporary.resolve("vms"), (_, _) -> {}, visitors);
    }

    @Test
    void a_group_may_pass_through_and_see_nothing() throws IOException {
        int uid = (int) Files.getAttribute(temporary, "unix:uid");
        int gid = (int) Files.getAttribute(temporary, "unix:gid");
        RuntimeDirectories visited = directories(OptionalInt.of(gid));

        assertThat(visited.create(ONE, Optional.empty(), uid, gid)).isEmpty();
        assertThat(Files.getPosixFilePermissions(visited.path(ONE)))
                .isEqualTo(PosixFilePermissions.fromString("rwx--x---"));
        assertThat(Files.getPosixFilePermissions(create())).isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    private Path create() throws IOException {
        int uid = (int) Files.getAttribute(temporary, "unix:uid");
        int gid = (int) Files.getAttribute(temporary, "unix:gid");
        assertThat(directories().create(ONE, Optional.empty(), uid, gid)).isEmpty();
        return directories().of(ONE).orElseThrow();
    }

    private static void deepen(Path directory, int levels) throws IOException {
        Path deepest = directory;
        for (int level = 0; level < levels; level++) {
            deepest = Files.createDirectory(deepest.resolve("d"));
        }
        Files.createFile(deepest.resolve("file"));
    }

    @Test
    void links_in_it_go_and_what_they_lead_to_stays() throws IOException {
        Path outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("kept"), "kept");
        Path directory = create();
        Files.createSymbolicLink(directory.resolve("to-directory"), outside);
        Files.createSymbolicLink(directory.resolve("to-file"), outside.resolve("kept"));
        Files.createSymbolicLink(directory.resolve("to-nothing"), outside.resolve("none"));
        deepen(directory, 3);

        directories().remove(ONE);

        assertThat(directory).doesNotExist();
        assertThat(outside.resolve("kept")).hasContent("kept");
    }

    @Test
    void a_directory_that_is_a_link_is_not_taken_for_the_vms() throws IOException {
        Path outside = Files.createDirectory(temporary.resolve("outside"));
        Files.writeString(outside.resolve("kept"), "kept");
        Files.createDirectory(temporary.resolve("vms"));
        Files.createSymbolicLink(directories().path(ONE), outside);

        directories().remove(ONE);

        assertThat(directories().of(ONE)).isEmpty();
        assertThat(outside.resolve("kept")).hasContent("kept");
    }

    @Test
    void what_is_deeper_than_any_stack_is_out_of_the_way_at_once_and_goes_by_and_by() throws IOException {
        deepen(create(), 3 * TreeDeletion.DEEPEST);

        Path next = create();

        assertThat(next).isEmptyDirectory();
        awaitNames(List.of(next.getFileName().toString()));
    }

    @Test
    void what_an_earlier_service_left_goes_by_and_by() throws IOException {
        Path aside = Files.createDirectories(temporary.resolve("vms/.aside-1"));
        deepen(aside, 2);
        Files.createDirectory(temporary.resolve("vms/gone"));
        Path kept = create();

        directories().keepOnly(Set.of(ONE));

        awaitNames(List.of(kept.getFileName().toString()));
    }

    @Test
    void no_more_than_some_entries_are_deleted_at_a_time() throws IOException {
        Path aside = Files.createDirectories(temporary.resolve("vms/.aside-1"));
        for (int i = 0; i < 2_500; i++) {
            Files.createFile(aside.resolve("socket-" + i));
        }
        try (DoomedDirectories doomed = new DoomedDirectories(temporary.resolve("vms"))) {
            assertThat(doomed.round(1_000)).isFalse();
            assertThat(aside.toFile().list()).hasSize(1_500);
            assertThat(doomed.round(1_000)).isFalse();
            assertThat(doomed.round(1_000)).isTrue();
        }
        assertThat(names()).isEmpty();
    }

    /** Here no other thread deletes any more: whatever is gone, the caller has deleted. */
    @Test
    void who_takes_a_directory_away_deletes_nothing_in_it() throws IOException {
        int sockets = 100;
        Path directory = create();
        for (int i = 0; i < sockets; i++) {
            Files.createFile(directory.resolve("socket-" + i));
        }
        RuntimeDirectories closed = directories();
        closed.close();

        closed.remove(ONE);

        assertThat(names()).singleElement().satisfies(aside -> {
            assertThat(aside).startsWith(".aside-");
            assertThat(temporary.resolve("vms").resolve(aside).toFile().list()).hasSize(sockets);
        });
    }

    @Test
    void a_vm_whose_name_has_a_point_in_front_is_not_taken_for_what_is_to_go() throws IOException {
        assertThat(directories().path(new VmName(".aside-1")).getFileName()).hasToString("%2Easide-1");
    }

    private void awaitNames(List<String> wanted) throws IOException {
        eventually(wanted.toString(), () -> names().equals(wanted));
    }

    private List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(temporary.resolve("vms"))) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        return names;
    }
}
