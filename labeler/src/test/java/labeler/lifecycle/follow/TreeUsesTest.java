package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.VmReport;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directory trees that guests get, on real files: labelled with the VM, given back with its end. */
class TreeUsesTest {
    private static final VmName ONE = new VmName("one");
    private static final List<String> ALL = List.of("tree", "tree/file", "tree/below", "tree/below/file");

    private final Path root;

    @AutoClose
    private final FollowedHost host;

    TreeUsesTest(@TempDir Path root) throws IOException {
        this.root = root;
        host = new FollowedHost(root);
        Files.createDirectories(host.path("tree/below"));
        Files.writeString(host.path("tree/file"), "content");
        Files.writeString(host.path("tree/below/file"), "content");
        host.setLabel("tree/below/file", FollowedHost.HOME);
        host.setLabel("tree", FollowedHost.HOME);
    }

    private DeclaredUse tree(String name, UseAccess access) {
        return tree(host.hostPath(name), access);
    }

    private static DeclaredUse tree(HostPath path, UseAccess access) {
        return new DeclaredUse.TreeUse(new Origin("filesystem"), FileRole.TREE, path, access);
    }

    private void assertLabelled(String label) {
        for (String name : ALL) {
            assertThat(host.label(name)).as(name).isEqualTo(label);
        }
    }

    private void assertGivenBack() {
        assertThat(ALL.stream().map(host::label)).containsExactly(FollowedHost.HOME, "none", "none", FollowedHost.HOME);
    }

    private List<Problem> problems(String vm, DeclaredUse... uses) {
        return host.tryStart(vm, uses) instanceof StartOutcome.NotStarted(List<Problem> problems)
                ? problems
                : List.of();
    }

    @Test
    void a_tree_is_labelled_as_a_whole_and_given_back() {
        String image = host.start("one", tree("tree", UseAccess.READ_WRITE));
        assertLabelled(image);
        assertThat(host.lifecycle().verify(ONE).orElseThrow().files())
                .extracting(FileReport::outcome)
                .containsExactly(FileReport.Outcome.AS_EXPECTED);
        VmReport stopped = host.lifecycle().stop(ONE, Optional.empty()).orElseThrow();
        assertThat(stopped.problems()).isEmpty();
        assertGivenBack();
    }

    @Test
    void the_end_of_a_domain_does_not_take_its_own_tree_for_left_by_libvirt() {
        DeclaredUse tree = tree("tree", UseAccess.READ_WRITE);
        host.start("one", tree);
        VmReport stopped = host.lifecycle()
                .stop(ONE, Optional.of(FollowedHost.definition(tree)))
                .orElseThrow();
        assertThat(stopped.files()).extracting(FileReport::outcome).containsOnly(FileReport.Outcome.REVERTED);
        assertGivenBack();
    }

    @Test
    void a_service_that_was_killed_gives_it_back() throws IOException {
        host.start("one", tree("tree", UseAccess.READ_WRITE));
        host.restart();
        Files.writeString(host.path("tree/below/made"), "");
        host.lifecycle().stop(ONE, Optional.empty());
        assertGivenBack();
    }

    @Test
    void a_tree_that_vms_only_read_is_shared_until_the_last_has_ended() {
        host.start("one", tree("tree", UseAccess.READ_ONLY));
        assertLabelled(FollowedHost.CONTENT);
        host.start("two", tree("tree", UseAccess.READ_ONLY));
        host.lifecycle().stop(ONE, Optional.empty());
        assertLabelled(FollowedHost.CONTENT);
        host.lifecycle().stop(new VmName("two"), Optional.empty());
        assertGivenBack();
        String image = host.start("one", tree("tree", UseAccess.READ_WRITE));
        assertLabelled(image);
        host.lifecycle().stop(ONE, Optional.empty());
        assertGivenBack();
    }

    @Test
    void a_tree_that_one_vm_writes_is_no_other_vms_nor_is_anything_in_it() throws IOException {
        Files.write(host.path("tree/disk"), new byte[512]);
        host.start("one", tree("tree", UseAccess.READ_WRITE));
        for (DeclaredUse use : List.of(
                tree("tree", UseAccess.READ_ONLY),
                tree("tree/below", UseAccess.READ_ONLY),
                tree(host.hostPath("tree").parent(), UseAccess.READ_ONLY),
                host.raw("tree/disk", Access.READ_ONLY))) {
            assertThat(problems("two", use))
                    .as(use.toString())
                    .extracting(Problem::kind)
                    .containsExactly(Problem.Kind.IN_USE);
        }
    }

    @Test
    void a_tree_with_a_file_of_another_vm_in_it_is_refused_and_left_as_it_is() throws IOException {
        Files.write(host.path("tree/disk"), new byte[512]);
        Files.createDirectory(host.path("elsewhere"));
        Files.createLink(host.path("elsewhere/disk"), host.path("tree/disk"));
        host.start("one", host.raw("elsewhere/disk", Access.READ_WRITE));
        assertThat(problems("two", tree("tree", UseAccess.READ_WRITE)))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.kind()).isEqualTo(Problem.Kind.IN_USE);
                    assertThat(problem.message()).contains("tree/disk");
                });
        assertGivenBack();
    }

    @Test
    void a_disk_in_a_tree_of_the_same_vm_is_refused() throws IOException {
        Files.write(host.path("tree/disk"), new byte[512]);
        assertThat(problems("one", tree("tree", UseAccess.READ_WRITE), host.raw("tree/disk", Access.READ_WRITE)))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("lies in the tree"));
    }

    @Test
    void directories_of_the_system_and_what_is_no_directory_are_refused() {
        for (String path : List.of("/", "/usr/share", "/etc", "/home", "/dev", "/proc/self")) {
            assertThat(problems("one", tree(HostPath.of(path), UseAccess.READ_ONLY)))
                    .as(path)
                    .hasSize(1);
        }
        assertThat(problems("one", tree("tree/file", UseAccess.READ_ONLY)))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NOT_A_FILE);
        assertThat(problems("one", tree("absent", UseAccess.READ_ONLY)))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.MISSING);
    }

    @Test
    void a_start_that_fails_after_the_tree_was_labelled_gives_it_back() throws IOException {
        Files.createDirectory(host.path("second"));
        Files.write(host.path("second/disk"), new byte[512]);
        Files.createLink(host.path("outside"), host.path("second/disk"));
        host.start("other", host.raw("outside", Access.READ_WRITE));
        assertThat(problems("one", tree("tree", UseAccess.READ_WRITE), tree("second", UseAccess.READ_WRITE)))
                .hasSize(1);
        assertGivenBack();
    }

    private static void run(String... command) throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // So that two file systems have roots with one inode and one birth time.
        builder.environment().put("E2FSPROGS_FAKE_TIME", "1700000000");
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    @Test
    void a_label_of_another_vm_in_it_refuses_the_tree_with_the_way_out() throws IOException {
        host.setLabel("tree/below/file", FollowedHost.IMAGE_TYPE + "s0:c5,c6");
        assertThat(problems("one", tree("tree", UseAccess.READ_WRITE)))
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.kind()).isEqualTo(Problem.Kind.LEFTOVER_LABEL);
                    assertThat(problem.message()).contains("recover --scan");
                });
        assertThat(host.label("tree/below/file")).endsWith("s0:c5,c6");
        assertThat(host.label("tree/file")).isEqualTo("none");
    }

    @Test
    void a_tree_with_a_mount_in_it_is_refused_with_the_way_out() throws Exception {
        String below = host.path("tree/below").toString();
        run("mount", "-t", "tmpfs", "none", below);
        try {
            assertThat(problems("one", tree("tree", UseAccess.READ_WRITE)))
                    .singleElement()
                    .satisfies(problem -> {
                        assertThat(problem.kind()).isEqualTo(Problem.Kind.UNSUPPORTED);
                        assertThat(problem.message()).contains(below).contains("unmount it");
                    });
        } finally {
            run("umount", below);
        }
        assertGivenBack();
    }

    @Test
    void a_tree_whose_table_is_lost_stays_on_record_until_somebody_asks_for_what_its_root_had() throws IOException {
        host.start("one", tree("tree", UseAccess.READ_WRITE));
        host.restart();
        try (Stream<Path> tables = Files.list(root.resolve("state/trees"))) {
            Files.delete(tables.findFirst().orElseThrow());
        }
        VmReport stopped = host.lifecycle().stop(ONE, Optional.empty()).orElseThrow();
        assertThat(stopped.files()).singleElement().satisfies(file -> {
            assertThat(file.outcome()).isEqualTo(FileReport.Outcome.FAILED);
            assertThat(file.message()).contains("recover --lost-tables");
        });
        assertThat(host.lifecycle().recover(false, false).stale())
                .extracting(FileReport::outcome)
                .containsExactly(FileReport.Outcome.FAILED);
        host.lifecycle().replaceLostTables();
        assertThat(host.lifecycle().recover(false, false).stale())
                .extracting(FileReport::outcome)
                .containsExactly(FileReport.Outcome.REVERTED);
        assertLabelled(FollowedHost.HOME);
        assertThat(host.lifecycle().recover(false, false).stale()).isEmpty();
    }

    @Test
    void two_file_systems_with_equal_roots_are_two_trees() throws Exception {
        List<String> names = List.of("first", "second");
        for (String name : names) {
            run("truncate", "-s", "2M", host.path(name + ".img").toString());
            run("mkfs.ext4", "-q", host.path(name + ".img").toString());
            Files.createDirectory(host.path(name));
            run(
                    "mount",
                    "-o",
                    "loop",
                    host.path(name + ".img").toString(),
                    host.path(name).toString());
        }
        try {
            host.setLabel("second/lost+found", FollowedHost.HOME);
            String first = host.start("one", tree("first", UseAccess.READ_WRITE));
            String second = host.start("two", tree("second", UseAccess.READ_WRITE));
            assertThat(host.label("first/lost+found")).isEqualTo(first);
            assertThat(host.label("second/lost+found")).isEqualTo(second);
            host.restart();
            host.lifecycle().stop(ONE, Optional.empty());
            assertThat(host.label("first/lost+found")).isEqualTo("none");
            assertThat(host.label("second/lost+found")).isEqualTo(second);
            host.lifecycle().stop(new VmName("two"), Optional.empty());
            assertThat(host.label("second/lost+found")).isEqualTo(FollowedHost.HOME);
        } finally {
            for (String name : names) {
                run("umount", "-l", host.path(name).toString());
            }
        }
    }

    /** Small directories of the system, which nobody would miss if this test failed. */
    @Test
    void a_directory_of_the_system_is_refused_by_any_name() throws Exception {
        Path bound = Files.createDirectory(host.path("bound"));
        for (String directory : List.of("/opt", "/etc/skel")) {
            run("mount", "--bind", directory, bound.toString());
            try {
                assertThat(problems("one", tree("bound", UseAccess.READ_ONLY)))
                        .as(directory)
                        .singleElement()
                        .satisfies(problem -> assertThat(problem.message()).contains("is a directory of the system"));
            } finally {
                run("umount", bound.toString());
            }
        }
    }

    @Test
    void a_part_of_a_held_tree_is_no_other_vms_by_the_name_of_a_bind_mount() throws Exception {
        Files.write(host.path("tree/below/disk"), new byte[512]);
        Path bound = Files.createDirectory(host.path("bound"));
        for (String part : List.of("tree", "tree/below")) {
            run("mount", "--bind", host.path(part).toString(), bound.toString());
            try {
                host.start("one", tree("tree", UseAccess.READ_ONLY));
                String disk = part.equals("tree") ? "bound/below/disk" : "bound/disk";
                for (DeclaredUse use :
                        List.of(tree("bound", UseAccess.READ_WRITE), host.raw(disk, Access.READ_WRITE))) {
                    assertThat(problems("two", use))
                            .as(use.toString())
                            .extracting(Problem::kind)
                            .containsExactly(Problem.Kind.IN_USE);
                }
                host.lifecycle().stop(ONE, Optional.empty());
                // The other way round.
                host.start("one", host.raw(disk, Access.READ_WRITE));
                assertThat(problems("two", tree("tree", UseAccess.READ_ONLY)))
                        .extracting(Problem::kind)
                        .containsExactly(Problem.Kind.IN_USE);
                host.lifecycle().stop(ONE, Optional.empty());
            } finally {
                run("umount", bound.toString());
            }
        }
    }
}
