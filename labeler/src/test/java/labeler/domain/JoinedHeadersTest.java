package labeler.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import labeler.api.ParsedDefinitions;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.problem.Problem;
import labeler.vm.StartedBy;
import labeler.vm.VmDefinition;
import labeler.vm.libvirt.LibvirtHost;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The headers of images that libvirt gives to a running domain: its qemu may have written them before anybody looks. */
class JoinedHeadersTest extends FollowedDomainsOnDisk {
    private static final String NONE = "<backingStore/>";

    private final ParsedDefinitions definitions = new ParsedDefinitions(LibvirtHost.UNKNOWN);

    @BeforeEach
    void prepare() throws IOException {
        raw("secret", OTHER);
    }

    /** Writes an image as qemu-img does, or a guest. */
    private void plain(String name) throws IOException {
        write(name, Qcow2Builder.v3().build());
    }

    private void over(String name, String below, String format) throws IOException {
        write(name, Qcow2Builder.overlay(host.path(below).toString(), format).build());
    }

    private void write(String name, byte[] content) throws IOException {
        boolean isNew = Files.notExists(host.path(name));
        Files.write(host.path(name), content);
        if (isNew) {
            host.setLabel(name, OTHER);
        }
    }

    private String disk() {
        return StateFiles.disk("vda", host.path("disk"));
    }

    private String image(String target, String name, String below) {
        return StateFiles.image(target, host.path(name), below);
    }

    private String below(String format, String name, String next) {
        return StateFiles.below(format, host.path(name), next);
    }

    /** The overlay on a raw file. */
    private String overlay(String target, String name, String below) {
        return image(target, name, below("raw", below, NONE));
    }

    /** libvirt's hook, with the chains that libvirt has found. */
    private StartOutcome hooked(String... devices) {
        byte[] xml = StateFiles.state("web", List.of(devices)).getBytes(StandardCharsets.UTF_8);
        return host.lifecycle()
                .start(new StartRequest(
                                WEB,
                                definitions.liveDomainXml(xml, Optional.empty()),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                new StartRequest.Owner(0, 0),
                                StartRequest.Launch.ELSEWHERE)
                        .by(StartedBy.LIBVIRT, new StartRequest.Hook(Optional.empty(), false)));
    }

    private void starts(String... devices) {
        assertThat(hooked(devices)).isInstanceOf(StartOutcome.Started.class);
    }

    private void isRefused(String... devices) {
        assertThat(hooked(devices))
                .isInstanceOfSatisfying(
                        StartOutcome.NotStarted.class,
                        not -> assertThat(not.problems())
                                .extracting(Problem::kind)
                                .contains(Problem.Kind.NEW_REFERENCE));
    }

    /** A start that is followed. */
    private void runs(String... devices) throws IOException {
        starts(devices);
        states.write("web", devices);
        domains.started(WEB);
    }

    /** libvirt's release, with the chains that it has then. */
    private void ends(String... devices) throws IOException {
        VmDefinition last =
                definitions.domainXml(StateFiles.state("web", List.of(devices)).getBytes(StandardCharsets.UTF_8));
        if (Files.exists(states.running().resolve("web.xml"))) {
            states.remove("web");
        }
        assertThat(host.lifecycle().release(WEB, last)).isPresent();
        domains.ended(WEB);
        assertThat(host.lifecycle().names()).isEmpty();
    }

    /** The image is on record, and nobody holds it. */
    private void isKnown(String device) throws IOException {
        starts(device);
        ends(device);
    }

    @Test
    void what_the_vm_wrote_into_an_overlay_before_the_look_is_its_own() throws IOException {
        runs(disk());
        over("top", "secret", "raw");

        states.write("web", overlay("vda", "top", "disk"));

        eventually(() -> isHeld("top"));
        ends(overlay("vda", "top", "disk"));
        isRefused(overlay("vda", "top", "secret"));
    }

    @Test
    void what_it_wrote_into_an_image_that_is_on_record_is_its_own_too() throws IOException {
        over("top", "disk", "raw");
        isKnown(overlay("vda", "top", "disk"));
        runs(disk());
        over("top", "secret", "raw");

        states.write("web", overlay("vda", "top", "disk"));

        eventually(() -> isHeld("top"));
        ends(overlay("vda", "top", "disk"));
        isRefused(overlay("vda", "top", "secret"));
    }

    @Test
    void what_it_wrote_into_an_attached_image_is_its_own() throws IOException {
        plain("data");
        isKnown(image("vda", "data", NONE));
        runs(disk());
        over("data", "secret", "raw");

        states.write("web", disk(), image("vdb", "data", NONE));

        eventually(() -> isHeld("data"));
        ends(disk(), image("vdb", "data", NONE));
        isRefused(overlay("vda", "data", "secret"));
    }

    @Test
    void what_it_wrote_while_nobody_looked_is_its_own() throws IOException {
        plain("data");
        isKnown(image("vda", "data", NONE));
        runs(disk());
        domains.close();
        states.write("web", disk(), image("vdb", "data", NONE));
        over("data", "secret", "raw");

        host.restart();
        domains = domains(PACE);
        domains.begin();

        eventually(() -> isHeld("data"));
        ends(disk(), image("vdb", "data", NONE));
        isRefused(overlay("vda", "data", "secret"));
    }

    @Test
    void an_image_that_its_header_kept_off_the_record_is_the_vms_all_the_same() throws IOException {
        plain("data");
        isKnown(image("vda", "data", NONE));
        runs(disk());
        write("data", new byte[1024]);
        states.write("web", disk(), image("vdb", "data", NONE));
        eventually(() -> isTold("it is not on record"));

        over("data", "secret", "raw");
        // No word of libvirt's about it.
        ends(disk());

        isRefused(overlay("vda", "data", "secret"));
    }

    @Test
    void an_image_that_never_joined_is_the_vms_by_libvirts_last_word() throws IOException {
        plain("data");
        isKnown(image("vda", "data", NONE));
        starts(disk());
        over("data", "secret", "raw");

        ends(disk(), image("vdb", "data", NONE));

        isRefused(overlay("vda", "data", "secret"));
    }

    @Test
    void a_header_that_nobody_can_read_at_the_end_is_the_vms_later() throws IOException {
        plain("data");
        isKnown(image("vda", "data", NONE));
        starts(disk());
        write("data", new byte[1024]);

        ends(disk(), image("vdb", "data", NONE));
        over("data", "secret", "raw");

        isRefused(overlay("vda", "data", "secret"));
    }

    @Test
    void a_layer_that_a_commit_may_write_is_held_with_its_chain() throws IOException {
        plain("base");
        isKnown(image("vda", "base", NONE));
        over("top", "base", "qcow2");
        runs(disk());
        states.write("web", disk(), image("vdb", "top", below("qcow2", "base", NONE)));
        eventually(() -> isHeld("base"));

        // An active commit, and a pivot; the base is libvirt's top then, and the guest's.
        states.write("web", disk(), image("vdb", "base", NONE));
        over("base", "secret", "raw");

        // Without libvirt's word: the service was away.
        ends(disk());
        isRefused(overlay("vda", "base", "secret"));
    }

    @Test
    void a_layer_that_the_vm_had_for_reading_alone_is_held_when_an_overlay_joins() throws IOException {
        plain("base");
        String medium = image("sda", "base", NONE).replace("<target", "<readonly/><target");
        runs(disk(), medium);
        over("top", "base", "qcow2");
        states.write("web", disk(), medium, image("vdb", "top", below("qcow2", "base", NONE)));
        eventually(() -> isHeld("top"));
        over("base", "secret", "raw");

        ends(disk());

        isRefused(overlay("vda", "base", "secret"));
    }

    @Test
    void what_libvirt_read_anew_in_a_held_header_stays_the_guests() throws IOException {
        plain("top");
        runs(image("vda", "top", NONE));
        over("top", "secret", "raw");
        states.write("web", overlay("vda", "top", "secret"));
        eventually(() -> isTold("it is not on record"));

        ends(overlay("vda", "top", "secret"));

        isRefused(overlay("vda", "top", "secret"));
    }

    /** Otherwise a guest could keep another VM from its own disk. */
    @Test
    void a_file_to_which_only_a_guest_leads_is_on_no_record() throws IOException {
        over("secret", "disk", "raw");
        plain("top");
        runs(image("vda", "top", NONE));
        over("top", "secret", "raw");
        states.write("web", overlay("vda", "top", "secret"));
        eventually(() -> isTold("it is not on record"));

        host.start("other", host.image("secret", ImageFormat.QCOW2, Access.READ_WRITE));
    }

    @Test
    void what_libvirt_had_read_before_the_vm_had_it_is_believed() throws IOException {
        plain("base");
        over("new", "base", "qcow2");
        plain("known");
        isKnown(image("vda", "known", NONE));
        over("known", "disk", "raw");
        raw("home", HOME);
        runs(StateFiles.disk("vda", host.path("home")));

        states.write(
                "web",
                StateFiles.disk("vda", host.path("home")),
                image("vdb", "new", below("qcow2", "base", NONE)),
                overlay("vdc", "known", "disk"));

        eventually(() -> isHeld("new") && isHeld("base") && isHeld("known") && isHeld("disk"));
        ends(
                StateFiles.disk("vda", host.path("home")),
                image("vdb", "new", below("qcow2", "base", NONE)),
                overlay("vdc", "known", "disk"));
        starts(image("vdb", "new", below("qcow2", "base", NONE)), overlay("vdc", "known", "disk"));
    }

    /** A header without a format: libvirt guesses one. */
    @Test
    void a_format_that_libvirt_has_guessed_counts_as_raw() throws IOException {
        write("top", Qcow2Builder.v3().backing(host.path("disk").toString()).build());
        raw("home", HOME);
        runs(StateFiles.disk("vda", host.path("home")));

        states.write("web", StateFiles.disk("vda", host.path("home")), overlay("vdb", "top", "disk"));

        eventually(() -> isHeld("top"));
        ends(StateFiles.disk("vda", host.path("home")), overlay("vdb", "top", "disk"));
        starts(overlay("vdb", "top", "disk"));
    }

    @Test
    void what_a_job_of_libvirts_wrote_into_a_held_header_is_known_at_the_end() throws IOException {
        over("middle", "disk", "raw");
        over("top", "middle", "qcow2");
        runs(image("vda", "top", below("qcow2", "middle", below("raw", "disk", NONE))));
        // A pull, and a snapshot at once.
        over("top", "disk", "raw");
        over("snapshot", "top", "qcow2");
        String chain = image("vda", "snapshot", below("qcow2", "top", below("raw", "disk", NONE)));
        states.write("web", chain);
        eventually(() -> isHeld("snapshot"));

        ends(chain);

        starts(chain);
    }

    /** libvirt does not write down the layers of a shallow copy while it is made. */
    @Test
    void the_layers_of_a_copy_are_those_of_the_disk() throws IOException {
        over("top", "disk", "raw");
        runs(overlay("vda", "top", "disk"));
        over("copy", "disk", "raw");
        states.write(
                "web",
                overlay("vda", "top", "disk")
                        .replace(
                                "<target",
                                "<mirror type='file' job='copy' ready='yes'><format type='qcow2'/><source file='"
                                        + host.path("copy") + "'/></mirror><target"));
        eventually(() -> isHeld("copy"));

        states.write("web", overlay("vda", "copy", "disk"));
        eventually(() -> !isHeld("top"));
        ends(overlay("vda", "copy", "disk"));

        starts(overlay("vda", "copy", "disk"));
    }
}
