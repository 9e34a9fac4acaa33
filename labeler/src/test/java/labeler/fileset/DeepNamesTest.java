package labeler.fileset;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.IntFunction;
import labeler.chain.testing.VmdkBuilder;
import labeler.fileset.device.DeviceTree;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.Faults;
import labeler.problem.Problem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A header of a few kilobytes that leads into thousands of directories, by a link, costs no more than any other. */
class DeepNamesTest {
    private static final int AUTHOR = 1000;
    private static final int ACCOMPLICE = 1001;
    private static final int FILES = 100;

    private final FakeLinux kernel = new FakeLinux();

    @AfterEach
    void nothingIsLeftOpen() {
        assertThat(kernel.openDescriptors()).isZero();
    }

    private static String deep(int levels) {
        return "/pool" + "/a".repeat(levels);
    }

    /** Each directory above it, for everybody. */
    private void open(HostPath path) {
        for (HostPath above = path.parent(); !above.equals(HostPath.of("/")); above = above.parent()) {
            kernel.owner(above.printable(), 0, 0, 0755);
        }
    }

    /** @param root to which a link of root's leads */
    private void image(int owner, String root, IntFunction<String> part) {
        VmdkBuilder image = VmdkBuilder.descriptor("monolithicFlat");
        for (int number = 0; number < FILES; number++) {
            HostPath path = HostPath.of(part.apply(number));
            kernel.file(path, new byte[512]);
            kernel.owner(path.printable(), owner, owner, 0666);
            open(path);
            image.line("RW 1 FLAT \"/link" + path.printable().substring(root.length()) + "\" 0");
        }
        kernel.symbolicLink("/link", root);
        kernel.file("/vm/disk.vmdk", image.build());
        kernel.owner("/vm/disk.vmdk", AUTHOR, AUTHOR, 0600);
    }

    private List<Problem> problems() {
        Linux linux = kernel.linux();
        kernel.faults().forgetCalls();
        try (FileSet files = new FileSets(
                        linux, new SystemFiles(List.of(), DeviceTree.OF_HOST, true, OtherNames.on(linux)))
                .below("/pool")
                .of(FileSets.qemu("-drive", "file=/vm/disk.vmdk,format=vmdk"))) {
            assertThat(files.files()).hasSize(FILES + 1);
            return files.problems();
        }
    }

    private List<String> directoriesLookedAt() {
        return kernel.faults().calls().stream()
                .filter(call -> call.name().equals("statx"))
                .map(Faults.Call::subject)
                .filter(path -> path.startsWith("/pool"))
                .toList();
    }

    /** Once for the rules of headers, once for the service's own files. */
    @Test
    void a_directory_is_not_looked_at_for_each_file_in_it() {
        image(ACCOMPLICE, deep(20), number -> deep(20) + "/" + number);

        assertThat(problems()).isEmpty();

        assertThat(directoriesLookedAt()).hasSize(2 * 21);
    }

    @Test
    void nor_for_each_directory_in_it() {
        image(ACCOMPLICE, deep(20), number -> deep(20) + "/" + number + "/x");

        assertThat(problems()).isEmpty();

        assertThat(directoriesLookedAt()).hasSize(2 * (21 + FILES));
    }

    @Test
    void none_is_asked_for_its_mode_above_files_of_the_images_owner() {
        image(AUTHOR, deep(500), number -> deep(500) + "/" + number);

        assertThat(problems()).isEmpty();

        assertThat(directoriesLookedAt()).hasSize(501).doesNotHaveDuplicates();
    }

    @Test
    void a_file_that_lies_too_deep_is_refused_with_a_way_out() {
        image(ACCOMPLICE, deep(500), number -> deep(500) + "/" + number);

        assertThat(problems()).hasSize(FILES).allSatisfy(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.NOT_FROM_HEADER);
            assertThat(problem.message()).contains("declare it in the VM's definition");
        });

        assertThat(directoriesLookedAt()).hasSize(501 + 128);
    }

    @Test
    void a_file_deeper_than_any_is_refused_whoever_owns_it() {
        image(AUTHOR, deep(600), number -> deep(600) + "/" + number);

        assertThat(problems()).hasSize(FILES);

        assertThat(directoriesLookedAt()).hasSizeLessThanOrEqualTo(FILES * 513);
    }

    @Test
    void not_all_of_many_directories_are_asked_for_their_mode() {
        image(ACCOMPLICE, "/pool", number -> "/pool/" + number + "/a".repeat(100) + "/x");

        assertThat(problems()).isNotEmpty();

        assertThat(directoriesLookedAt()).hasSize(1 + FILES * 101 + 1024);
    }

    @Test
    void a_closed_directory_far_above_closes_all_files() {
        image(ACCOMPLICE, deep(20), number -> deep(20) + "/" + number);
        kernel.owner("/pool/a", ACCOMPLICE, ACCOMPLICE, 0700);

        assertThat(problems()).hasSize(FILES);
    }
}
