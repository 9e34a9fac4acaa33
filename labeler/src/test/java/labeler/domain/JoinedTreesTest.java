package labeler.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import labeler.api.ParsedDefinitions;
import labeler.chain.testing.Qcow2Builder;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.LabelWishes;
import labeler.vm.Origin;
import labeler.vm.StartedBy;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.libvirt.LibvirtHost;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Directory trees of domains that run, and images in the trees of guests that domains get. */
class JoinedTreesTest extends FollowedDomainsOnDisk {
    private static final String IMAGE = "tree/image";
    /** Beside it, where headers may name files. */
    private static final String SECRET = "tree/secret";

    private static final VmName OTHER_VM = new VmName("other");
    private static final VmName GUEST = new VmName("guest");

    private final ParsedDefinitions definitions = new ParsedDefinitions(LibvirtHost.UNKNOWN);

    @BeforeEach
    void prepare() throws IOException {
        Files.createDirectory(host.path("tree"));
        raw(SECRET, OTHER);
    }

    private String disk() {
        return StateFiles.disk("vda", host.path("disk"));
    }

    private String image(String target) {
        return StateFiles.image(
                target, host.path(IMAGE), StateFiles.below("raw", host.path(SECRET), "<backingStore/>"));
    }

    private String filesystem() {
        return "<filesystem type='mount' accessmode='mapped'><source dir='" + host.path("tree")
                + "'/><target dir='shared'/></filesystem>";
    }

    /** As a guest does that has the directory, and another one of its making. */
    private void writeImage() throws IOException {
        Files.write(
                host.path(IMAGE),
                Qcow2Builder.overlay(host.path(SECRET).toString(), "raw").build());
    }

    private StartOutcome hooked(VmName name, String... devices) {
        byte[] xml = StateFiles.state(name.value(), List.of(devices)).getBytes(StandardCharsets.UTF_8);
        return host.lifecycle()
                .start(new StartRequest(
                                name,
                                definitions.liveDomainXml(xml, Optional.empty()),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                new StartRequest.Owner(0, 0),
                                StartRequest.Launch.ELSEWHERE)
                        .by(StartedBy.LIBVIRT, new StartRequest.Hook(Optional.empty(), false)));
    }

    private void runs(String... devices) throws IOException {
        assertThat(hooked(WEB, devices)).isInstanceOf(StartOutcome.Started.class);
        states.write("web", devices);
        domains.started(WEB);
    }

    private void ends(String... devices) throws IOException {
        states.remove("web");
        assertThat(host.lifecycle()
                        .release(
                                WEB,
                                definitions.domainXml(StateFiles.state("web", List.of(devices))
                                        .getBytes(StandardCharsets.UTF_8))))
                .isPresent();
        domains.ended(WEB);
    }

    private void isRefused() {
        assertThat(hooked(OTHER_VM, disk(), image("vdb")))
                .isInstanceOfSatisfying(
                        StartOutcome.NotStarted.class,
                        not -> assertThat(not.problems())
                                .extracting(Problem::kind)
                                .containsExactly(Problem.Kind.NEW_REFERENCE));
    }

    @Test
    void a_directory_that_a_domain_gets_while_it_runs_is_remembered() throws IOException {
        runs(disk());
        states.write("web", disk(), filesystem());
        eventually(() -> isHeld("tree"));
        writeImage();
        ends(disk(), filesystem());

        isRefused();
    }

    /** libvirt reads the header before the domain has the image. But another guest wrote it. */
    @Test
    void what_libvirt_read_in_an_image_of_a_guests_tree_is_no_word_of_libvirts() throws IOException {
        host.start(
                "guest",
                new DeclaredUse.TreeUse(
                        new Origin("filesystem"), FileRole.TREE, host.hostPath("tree"), UseAccess.READ_WRITE));
        host.lifecycle().stop(new VmName("guest"), Optional.empty());
        writeImage();
        runs(disk());

        states.write("web", disk(), image("vdb"));

        eventually(() -> isHeld(IMAGE) || isTold("it is not on record"));
        ends(disk(), image("vdb"));
        isRefused();
    }

    /** As libvirt starts one, whose directory keeps its labels. */
    private void aGuestHasTheTree() {
        Origin origin = new Origin("filesystem");
        host.start(new StartRequest(
                GUEST,
                new VmDefinition(
                        List.of(new DeclaredUse.TreeUse(
                                origin, FileRole.TREE, host.hostPath("tree"), UseAccess.READ_WRITE, true)),
                        List.of(),
                        Optional.empty(),
                        VmDefinition.Acceleration.HARDWARE,
                        List.of(),
                        new LabelWishes(
                                Optional.empty(),
                                List.of(new LabelWishes.Kept(origin, new LabelWishes.WithParts(), "it stays")),
                                false,
                                false)),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new StartRequest.Owner(0, 0),
                StartRequest.Launch.ELSEWHERE));
    }

    private String imageAlone() {
        return StateFiles.image("vdb", host.path(IMAGE), "<backingStore/>");
    }

    private void aDomainAndAGuestWithItsImage() throws IOException {
        Files.write(host.path(IMAGE), Qcow2Builder.v3().build());
        runs(disk(), imageAlone());
        aGuestHasTheTree();
        writeImage();

        assertThat(host.lifecycle().stop(GUEST, Optional.empty()))
                .hasValueSatisfying(report -> assertThat(report.problems()).isEmpty());
    }

    /** A commit or a pull does so. */
    @Test
    void what_a_block_job_wrote_while_a_guest_had_the_tree_is_judged_at_the_domains_end() throws IOException {
        aDomainAndAGuestWithItsImage();
        ends(disk(), image("vdb"));

        assertThat(hooked(OTHER_VM, disk(), image("vdb"))).isInstanceOf(StartOutcome.Started.class);
    }

    @Test
    void what_libvirt_does_not_explain_there_is_no_word_of_libvirts() throws IOException {
        aDomainAndAGuestWithItsImage();
        ends(disk(), imageAlone());

        isRefused();
    }
}
