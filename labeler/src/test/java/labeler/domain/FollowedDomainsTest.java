package labeler.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import labeler.api.ParsedDefinitions;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.config.GuardConfig;
import labeler.config.LibvirtConfig;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.record.AuditEntry;
import labeler.lifecycle.FileView;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmView;
import labeler.lifecycle.follow.FollowedHost;
import labeler.lifecycle.hold.NotFollowed;
import labeler.linux.AttributeName;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.selinux.StoredLabel;
import labeler.vm.DeclaredUse;
import labeler.vm.LabelWishes;
import labeler.vm.StartedBy;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.libvirt.LibvirtHost;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FollowedDomainsTest {
    private static final VmName WEB = new VmName("web");
    private static final String HOME = FollowedHost.HOME;
    private static final String OTHER = "unconfined_u:object_r:virt_image_t:s0";

    /** As fast as a test wants it; a longer patience is never waited for. */
    private static final Pace PACE = new Pace(Duration.ofMillis(1), Duration.ofMillis(50), Duration.ofDays(1));

    /** Only ends a test that hangs. */
    private static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path root;

    private final List<AuditEntry> events = new CopyOnWriteArrayList<>();
    private final NotFollowed problems = new NotFollowed();
    private FollowedHost host;
    private StateFiles states;
    private FollowedDomains domains;

    @BeforeEach
    void open() throws IOException {
        host = new FollowedHost(root);
        states = StateFiles.below(root);
        raw("disk", HOME);
        domains = domains(PACE);
    }

    @AfterEach
    void close() throws IOException {
        domains.close();
        host.close();
    }

    private FollowedDomains domains(Pace pace) {
        DomainLook look = new DomainLook(
                new DomainReader(states.files(), new ParsedDefinitions(LibvirtHost.UNKNOWN)),
                host.files(),
                host.lifecycle(),
                new DomainLabels(GuardConfig.DEFAULT),
                problems,
                events::add);
        return new FollowedDomains(look, states.files(), host.lifecycle(), problems, LibvirtConfig.DEFAULT, pace);
    }

    private void raw(String name, String label) throws IOException {
        Files.write(host.path(name), new byte[512]);
        host.setLabel(name, label);
    }

    private void overlay(String name, String label) throws IOException {
        Files.write(
                host.path(name),
                Qcow2Builder.overlay(host.path("disk").toString(), "raw").build());
        host.setLabel(name, label);
    }

    /** Starts a domain of libvirt's with one disk; answers its image context. */
    private String start(StartedBy starter) throws IOException {
        DeclaredUse disk = host.image("disk", ImageFormat.RAW, Access.READ_WRITE);
        String context = host.start(new StartRequest(
                        WEB,
                        new VmDefinition(
                                List.of(disk),
                                List.of(),
                                Optional.empty(),
                                VmDefinition.Acceleration.EMULATION,
                                List.of(),
                                LabelWishes.NONE),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        new StartRequest.Owner(0, 0),
                        StartRequest.Launch.ELSEWHERE)
                .startedBy(starter));
        states.write("web", StateFiles.disk("vda", host.path("disk")));
        domains.started(WEB);
        return context;
    }

    private void eventually(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("%s, %s", problems.of(WEB), events).isLessThan(deadline);
            LockSupport.parkNanos(1_000_000);
        }
    }

    private Optional<FileView> file(String name) {
        return host.lifecycle().status(WEB).map(VmView::files).stream()
                .flatMap(List::stream)
                .filter(file -> file.path().equals(host.hostPath(name)))
                .findFirst();
    }

    private boolean isHeld(String name) {
        return file(name).isPresent();
    }

    private Optional<String> original(String name) {
        return file(name).flatMap(FileView::originalContext).map(StoredLabel::printable);
    }

    /** libvirt's memory of a label, as it writes it. */
    private void remember(String name, String label) throws IOException {
        Linux linux = JnaLinux.create();
        if (linux.open().find(host.hostPath(name), OpenRequest.NAMED_OBJECT) instanceof OpenedFile file) {
            try (file) {
                linux.attributes()
                        .set(
                                file,
                                AttributeName.LIBVIRT_REMEMBERED,
                                (label + "\0").getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    @Test
    void the_overlay_of_a_snapshot_joins_and_its_base_stays() throws IOException {
        String image = start(StartedBy.LIBVIRT);
        overlay("top", OTHER);

        states.write("web", StateFiles.overlay("vda", host.path("top"), host.path("disk")));

        eventually(() -> isHeld("top"));
        assertThat(original("top")).contains(OTHER);
        assertThat(host.label("top")).isEqualTo(image);
        assertThat(original("disk")).contains(HOME);
        assertThat(host.label("disk")).isEqualTo(image);
    }

    @Test
    void a_file_that_left_is_given_back_once_nothing_changes_any_more() throws IOException {
        start(StartedBy.LIBVIRT);
        raw("joins", OTHER);
        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));
        eventually(() -> isHeld("joins"));

        states.write("web", StateFiles.disk("vda", host.path("disk")));

        eventually(() -> !isHeld("joins"));
        assertThat(host.label("joins")).isEqualTo(OTHER);
        assertThat(isHeld("disk")).isTrue();
    }

    @Test
    void a_disk_of_the_start_leaves_as_well() throws IOException {
        start(StartedBy.LIBVIRT);

        states.write("web", StateFiles.drive("sda"));

        eventually(() -> !isHeld("disk"));
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void where_libvirt_labels_nothing_is_labelled_and_its_memory_is_the_original() throws IOException {
        String image = start(StartedBy.LABELLING_LIBVIRT);
        overlay("top", image);
        remember("top", OTHER);

        states.write("web", StateFiles.overlay("vda", host.path("top"), host.path("disk")));

        eventually(() -> isHeld("top"));
        assertThat(original("top")).contains(OTHER);
        host.lifecycle().stop(WEB, Optional.empty());
        assertThat(host.label("top")).isEqualTo(OTHER);
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void where_libvirt_labels_a_joined_file_keeps_its_label_whatever_it_is() throws IOException {
        start(StartedBy.LABELLING_LIBVIRT);
        raw("joins", OTHER);

        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));

        eventually(() -> isHeld("joins"));
        assertThat(host.label("joins")).isEqualTo(OTHER);
    }

    @Test
    void what_libvirt_has_restored_itself_leaves_as_it_is() throws IOException {
        String image = start(StartedBy.LABELLING_LIBVIRT);
        raw("joins", image);
        remember("joins", OTHER);
        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));
        eventually(() -> isHeld("joins"));

        host.setLabel("joins", OTHER);
        states.write("web", StateFiles.disk("vda", host.path("disk")));

        eventually(() -> !isHeld("joins"));
        assertThat(host.label("joins")).isEqualTo(OTHER);
    }

    @Test
    void a_change_while_there_is_no_service_is_seen_by_the_next_one() throws IOException {
        start(StartedBy.LIBVIRT);
        overlay("top", OTHER);
        domains.close();
        states.write("web", StateFiles.overlay("vda", host.path("top"), host.path("disk")));

        host.restart();
        domains = domains(PACE);
        domains.begin();

        eventually(() -> isHeld("top"));
        assertThat(original("top")).contains(OTHER);
    }

    @Test
    void a_domain_that_has_ended_while_there_was_no_service_ends() throws IOException {
        start(StartedBy.LIBVIRT);
        domains.close();
        states.remove("web");

        host.restart();
        domains = domains(new Pace(Duration.ofMillis(1), Duration.ofMillis(1), Duration.ofMillis(50)));
        domains.begin();

        eventually(() -> host.lifecycle().names().isEmpty());
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void a_domain_whose_state_is_not_yet_written_is_waited_for() throws IOException {
        start(StartedBy.LIBVIRT);
        states.remove("web");
        raw("joins", OTHER);

        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));

        eventually(() -> isHeld("joins"));
        assertThat(isHeld("disk")).isTrue();
    }

    @Test
    void a_file_of_another_vm_is_not_on_record_and_the_status_says_so() throws IOException {
        raw("theirs", OTHER);
        host.start(new StartRequest(
                new VmName("other"),
                new VmDefinition(
                        List.of(host.image("theirs", ImageFormat.RAW, Access.READ_WRITE)),
                        List.of(),
                        Optional.empty(),
                        VmDefinition.Acceleration.EMULATION,
                        List.of()),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new StartRequest.Owner(0, 0),
                StartRequest.Launch.ELSEWHERE));
        start(StartedBy.LIBVIRT);
        raw("joins", OTHER);

        states.write(
                "web",
                StateFiles.disk("vda", host.path("disk")),
                StateFiles.disk("vdb", host.path("theirs")),
                StateFiles.disk("vdc", host.path("joins")));

        eventually(() -> isHeld("joins"));
        assertThat(isHeld("theirs")).isFalse();
    }

    @Test
    void a_state_that_is_no_xml_ends_no_hold() throws IOException {
        start(StartedBy.LIBVIRT);
        Files.writeString(root.resolve("web.xml"), "<domstatus");
        Files.move(root.resolve("web.xml"), states.running().resolve("web.xml"), StandardCopyOption.ATOMIC_MOVE);
        raw("joins", OTHER);
        states.write("web", StateFiles.disk("vda", host.path("disk")), StateFiles.disk("vdb", host.path("joins")));

        eventually(() -> isHeld("joins"));
        assertThat(isHeld("disk")).isTrue();
    }
}
