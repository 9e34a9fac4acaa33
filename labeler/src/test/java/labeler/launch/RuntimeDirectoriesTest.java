package labeler.launch;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a VM leaves in its directory harms nobody, whatever it is. */
class RuntimeDirectoriesTest {
    private static final VmName ONE = new VmName("one");

    @TempDir
    Path temporary;

    private RuntimeDirectories directories() {
        return new RuntimeDirectories(temporary.resolve("vms"), (_, _) -> {});
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
    void what_is_too_deep_to_be_removed_is_put_aside_for_the_next_vm_of_the_name() throws IOException {
        deepen(create(), TreeDeletion.DEEPEST + 1);

        Path next = create();

        assertThat(next).isEmptyDirectory();
        assertThat(names()).hasSize(2).anyMatch(name -> name.startsWith(".aside-"));
    }

    @Test
    void one_that_cannot_be_removed_does_not_keep_the_others() throws IOException {
        deepen(create(), TreeDeletion.DEEPEST + 1);
        for (int i = 0; i < 5; i++) {
            Files.createDirectory(temporary.resolve("vms").resolve("gone-" + i));
        }

        directories().keepOnly(Set.of());

        assertThat(names())
                .containsExactly(directories().path(ONE).getFileName().toString());
    }

    private List<String> names() throws IOException {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(temporary.resolve("vms"))) {
            entries.forEach(entry -> names.add(entry.getFileName().toString()));
        }
        return names;
    }
}
