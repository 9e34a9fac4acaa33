package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.testing.Qcow2Builder;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmReport;
import labeler.problem.Problem;
import labeler.review.TrustOutcome;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.LabelWishes;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest writes headers into the files of its directory tree, for the next VM that uses one of them as an image. */
class TreeHeadersTest {
    private static final String IMAGE = "tree/below/image";
    private static final Origin TREE = new Origin("filesystem");

    @AutoClose
    private final FollowedHost host;

    /** An image in a tree. */
    TreeHeadersTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        Files.createDirectories(host.path("tree/below"));
        host.raw("base");
        host.raw("secret");
        host.raw("own");
        host.raw("tree/lower");
        host.overlay(IMAGE, host.path("base").toString(), "raw");
    }

    private DeclaredUse tree(String name, UseAccess access) {
        return new DeclaredUse.TreeUse(TREE, FileRole.TREE, host.hostPath(name), access, true);
    }

    private void startWithTree(String name) {
        host.start("guest", tree(name, UseAccess.READ_WRITE));
    }

    /** As under libvirt, which labels no tree: then other VMs may have files in it at the same time. */
    private void startWithTreeAsItIs() {
        LabelWishes kept = new LabelWishes(
                Optional.empty(),
                List.of(new LabelWishes.Kept(TREE, new LabelWishes.WithParts(), "it stays")),
                false,
                false);
        host.start(new StartRequest(
                new VmName("guest"),
                new VmDefinition(
                        List.of(tree("tree", UseAccess.READ_WRITE)),
                        List.of(),
                        Optional.empty(),
                        VmDefinition.Acceleration.HARDWARE,
                        List.of(),
                        kept),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new StartRequest.Owner(0, 0),
                StartRequest.Launch.ELSEWHERE));
    }

    private VmReport stop(String vm) {
        return host.lifecycle().stop(new VmName(vm), Optional.empty()).orElseThrow();
    }

    /** What a VM with this image is refused for. A second disk makes the directory of the secret one for images. */
    private List<Problem> refusal(String image) {
        return host.tryStart(
                                "next",
                                host.image(image, ImageFormat.QCOW2, Access.READ_WRITE),
                                host.raw("own", Access.READ_WRITE))
                        instanceof StartOutcome.NotStarted(List<Problem> problems)
                ? problems
                : List.of();
    }

    private void assertStarts(String image) {
        assertThat(refusal(image)).isEmpty();
        stop("next");
    }

    private void assertRefused(String image) {
        assertRefused(image, image);
    }

    private void assertRefused(String used, String told) {
        assertThat(refusal(used)).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.NEW_REFERENCE);
            assertThat(problem.file()).contains(host.hostPath(told));
            assertThat(problem.message())
                    .contains("backing file " + host.path("secret"), "labeler trust " + host.path(told));
        });
        assertThat(host.label("secret")).isEqualTo(FollowedHost.HOME);
    }

    /** As a guest does by its tree: in place, or as a new file. */
    private void rewrite(String image) throws IOException {
        rewriteTo("secret", image);
    }

    private void rewriteTo(String backing, String image) throws IOException {
        host.overlay(image, host.path(backing).toString(), "raw");
    }

    private TrustOutcome trust(String image) {
        return host.lifecycle().trust(host.hostPath(image), Optional.of(ImageFormat.QCOW2), false);
    }

    private static void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    @Test
    void a_reference_that_a_guest_wrote_by_its_tree_is_told_at_its_end_and_refused() throws IOException {
        assertStarts(IMAGE);
        startWithTree("tree");
        rewrite(IMAGE);

        assertThat(stop("guest").problems()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Problem.Kind.NEW_REFERENCE);
            assertThat(problem.file()).contains(host.hostPath(IMAGE));
        });

        assertRefused(IMAGE);
        host.restart();
        assertRefused(IMAGE);
    }

    @Test
    void an_image_that_a_guest_made_in_its_tree_is_refused_until_it_is_trusted() throws IOException {
        startWithTree("tree");
        rewrite("tree/new");
        assertThat(stop("guest").problems()).isEmpty();
        host.restart();

        assertRefused("tree/new");
        assertThat(refusal("tree/new").getFirst().message())
                .contains("VM guest could write all files below " + host.path("tree"));
        rewriteTo("tree/lower", "tree/new");
        assertThat(refusal("tree/new")).extracting(Problem::kind).containsExactly(Problem.Kind.NEW_REFERENCE);
        assertThat(trust("tree/new")).isInstanceOf(TrustOutcome.Trusted.class);
        assertStarts("tree/new");
    }

    @Test
    void an_image_in_it_without_a_reference_is_used_as_ever() throws IOException {
        startWithTree("tree");
        Files.write(host.path("tree/disk"), new byte[512]);
        stop("guest");

        host.start("next", host.raw("tree/disk", Access.READ_WRITE));
    }

    @Test
    void a_backing_file_that_vms_only_read_is_judged_as_well() throws IOException {
        host.overlay("top", host.path(IMAGE).toString(), "qcow2");
        assertStarts("top");
        startWithTree("tree");
        rewrite(IMAGE);
        stop("guest");

        assertRefused("top", IMAGE);
        assertThat(trust("top")).isInstanceOf(TrustOutcome.Trusted.class);
        assertStarts("top");
    }

    @Test
    void a_disk_that_joins_a_vm_that_runs_is_judged_as_well() throws IOException {
        startWithTree("tree");
        rewriteTo("tree/lower", "tree/new");
        stop("guest");
        host.start("next", host.raw("own", Access.READ_WRITE));

        assertThat(host.refusal(
                        "next", new HoldTrigger.Start(), host.image("tree/new", ImageFormat.QCOW2, Access.READ_WRITE)))
                .extracting(Problem::kind)
                .containsExactly(Problem.Kind.NEW_REFERENCE);
    }

    @Test
    void a_tree_that_joins_a_vm_that_runs_counts_as_well() throws IOException {
        host.start("guest", host.raw("own", Access.READ_WRITE));
        host.take("guest", new HoldTrigger.Start(), tree("tree", UseAccess.READ_WRITE));
        rewrite("tree/new");
        stop("guest");

        assertRefused("tree/new");
    }

    /** Its label stays as well, so that the two have it at the same time. */
    @Test
    void an_image_that_came_on_record_while_the_guest_ran_is_no_administrators() throws IOException {
        Files.write(host.path(IMAGE), Qcow2Builder.v3().build());
        startWithTreeAsItIs();
        assertStarts(IMAGE);
        rewrite(IMAGE);

        assertRefused(IMAGE);
        stop("guest");
        assertRefused(IMAGE);
    }

    @Test
    void an_image_that_was_moved_out_of_the_tree_is_refused_by_the_place_on_record() throws IOException {
        assertStarts(IMAGE);
        startWithTree("tree");
        stop("guest");
        rewrite(IMAGE);
        Files.move(host.path(IMAGE), host.path("moved"));

        assertRefused("moved");
    }

    @Test
    void the_real_place_counts_and_not_the_spelling() throws IOException {
        Files.createSymbolicLink(host.path("link"), host.path("tree"));
        startWithTree("link");
        rewrite("tree/new");
        stop("guest");

        assertRefused("tree/new");
        assertRefused("link/new");
    }

    @Test
    void the_names_of_the_tree_on_other_mounts_count() throws Exception {
        Path bound = Files.createDirectory(host.path("bound"));
        run("mount", "--bind", host.path("tree").toString(), bound.toString());
        try {
            startWithTree("bound");
            rewrite("tree/new");
            stop("guest");

            assertRefused("tree/new");
            assertRefused("bound/new");
        } finally {
            run("umount", bound.toString());
        }
    }

    @Test
    void a_tree_that_a_vm_only_reads_changes_nothing() throws IOException {
        host.start("guest", tree("tree", UseAccess.READ_ONLY));
        stop("guest");

        rewrite("tree/new");
        assertStarts("tree/new");
    }

    @Test
    void a_start_that_fails_has_given_the_tree_to_nobody() throws IOException {
        host.start("other", host.raw("own", Access.READ_WRITE));
        assertThat(host.tryStart("guest", tree("tree", UseAccess.READ_WRITE), host.raw("own", Access.READ_WRITE)))
                .isInstanceOf(StartOutcome.NotStarted.class);
        stop("other");

        rewrite("tree/new");
        assertStarts("tree/new");
    }

    @Test
    void what_is_declared_starts_but_is_not_believed_where_it_is_followed() throws IOException {
        startWithTree("tree");
        rewrite("tree/new");
        stop("guest");

        host.start("next", declared("tree/new", "base"));
        stop("next");
        assertRefused("tree/new");
    }

    @Test
    void what_a_command_wrote_into_a_header_there_is_known() throws IOException {
        startWithTree("tree");
        stop("guest");
        host.start("next", host.raw("tree/lower", Access.READ_ONLY));
        host.take("next", new HoldTrigger.Start(), host.created("tree/made"));
        rewriteTo("tree/lower", "tree/made");

        assertThat(host.files()
                        .known(
                                host.files().run(new VmName("next")),
                                List.of(new WrittenHeader(host.hostPath("tree/made"), ImageFormat.QCOW2))))
                .isEmpty();

        stop("next");
        assertStarts("tree/made");
    }

    private DeclaredUse declared(String image, String backing) {
        DeclaredUse.ImageUse below = (DeclaredUse.ImageUse) host.raw(backing, Access.READ_ONLY);
        DeclaredUse.ImageUse top = (DeclaredUse.ImageUse) host.image(image, ImageFormat.QCOW2, Access.READ_WRITE);
        return new DeclaredUse.ImageUse(
                top.origin(),
                FileRole.DISK,
                new ImageRequest(
                        top.image().name(),
                        top.image().format(),
                        top.image().access(),
                        new ImageRequest.DeclaredBacking(below.image()),
                        top.image().dataFile()),
                false);
    }

    @Test
    void nothing_in_the_tree_of_a_vm_that_runs_is_trusted() throws IOException {
        startWithTree("tree");
        rewriteTo("tree/lower", "tree/new");

        assertThat(trust("tree/new"))
                .isInstanceOfSatisfying(
                        TrustOutcome.NotTrusted.class,
                        not -> assertThat(not.problems()).singleElement().satisfies(problem -> {
                            assertThat(problem.kind()).isEqualTo(Problem.Kind.IN_USE);
                            assertThat(problem.message()).contains("VM guest", "stop the VM first");
                        }));
    }
}
