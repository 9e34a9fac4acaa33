package labeler.domain;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.config.GuardConfig;
import labeler.guard.record.AuditLog;
import labeler.journal.FileHold;
import labeler.lifecycle.follow.FollowedHost;
import labeler.lifecycle.follow.Sighting;
import labeler.lifecycle.follow.TakeOutcome;
import labeler.linux.ForwardingOpen;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRequest;
import labeler.linux.Timestamp;
import labeler.linux.jna.JnaLinux;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.StartedBy;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.work.WaitLimits;
import org.junit.jupiter.api.Test;

/** What goes wrong between libvirt, the service and the disk: a hold stays when in doubt. */
class DomainsAtOddsTest extends FollowedDomainsOnDisk {
    private static final String CONTENT = FollowedHost.CONTENT;

    private String drive(String file) {
        return "<disk type='file' device='cdrom'><driver name='qemu' type='raw'/><source file='" + host.path(file)
                + "' index='7'/><backingStore/><target dev='sda' bus='sata'/><readonly/></disk>";
    }

    private String disk() {
        return StateFiles.disk("vda", host.path("disk"));
    }

    private String joins() {
        return StateFiles.disk("vdb", host.path("joins"));
    }

    /** What is seen leaving by a look of the test's own. */
    private Map<FileHold, Optional<Timestamp>> leaving(DomainLook look) {
        DomainLook.Seen seen = look.look(WEB, new Moment(() -> true, () -> true, Map.of()));
        assertThat(seen).isInstanceOf(DomainLook.Leaving.class);
        return ((DomainLook.Leaving) seen).touched();
    }

    private DomainLook.Seen again(
            DomainLook look, Map<FileHold, Optional<Timestamp>> leaving, BooleanSupplier isQuiet) {
        return look.look(WEB, new Moment(() -> true, isQuiet, leaving));
    }

    /** A domain with a disk that libvirt has just taken from it; nothing else looks at it. */
    private DomainLook withLeavingDisk(StartedBy starter) throws IOException {
        startWithoutState(starter, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        states.write("web", StateFiles.drive("sda"));
        return look(GuardConfig.DEFAULT);
    }

    @Test
    void a_file_that_a_slow_file_system_shows_late_goes_on_record_and_keeps_its_label() throws Exception {
        domains.close();
        host.close();
        CountDownLatch answers = new CountDownLatch(1);
        CountDownLatch isOpened = new CountDownLatch(1);
        Linux kernel = JnaLinux.create();
        host = new FollowedHost(
                Files.createDirectories(root.resolve("slow")),
                kernel.opening(new ForwardingOpen(kernel.open()) {
                    @Override
                    public OpenOutcome open(HostPath path, OpenRequest request) {
                        if (path.printable().endsWith("/joins")) {
                            isOpened.countDown();
                            await(answers);
                        }
                        return super.open(path, request);
                    }
                }),
                new WaitLimits(Duration.ofMillis(20), Duration.ofSeconds(2), WaitLimits.DEFAULT.workers()));
        states = StateFiles.below(root.resolve("slow/state"));
        domains = domains(PACE);
        raw("disk", HOME);
        String image = start(StartedBy.LABELLING_LIBVIRT);
        raw("joins", image);
        states.write("web", disk(), joins());

        await(isOpened);
        eventually(() -> isTold("does not answer"));
        answers.countDown();

        eventually(() -> isHeld("joins"));
        host.lifecycle().verify(WEB);
        eventually(() -> host.label("joins").equals(image));
        assertThat(isHeld("joins")).isTrue();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_file_that_comes_back_in_the_moment_of_its_leave_keeps_its_hold_and_its_label() throws IOException {
        DomainLook look = withLeavingDisk(StartedBy.LIBVIRT);
        String image = host.label("disk");

        DomainLook.Seen seen = again(look, leaving(look), () -> {
            comesBack();
            return true;
        });

        assertThat(seen).isInstanceOf(DomainLook.Unfinished.class);
        assertThat(isHeld("disk")).isTrue();
        assertThat(host.label("disk")).isEqualTo(image);
        assertThat(events).isEmpty();
    }

    private void comesBack() {
        try {
            states.write("web", disk());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_file_that_libvirt_labels_before_it_says_so_is_not_given_back() throws IOException {
        DomainLook look = withLeavingDisk(StartedBy.LABELLING_LIBVIRT);
        String image = host.label("disk");
        Map<FileHold, Optional<Timestamp>> leaving = leaving(look);
        host.setLabel("disk", HOME);
        host.setLabel("disk", image);

        assertThat(again(look, leaving, () -> true)).isInstanceOf(DomainLook.Leaving.class);

        assertThat(isHeld("disk")).isTrue();
        assertThat(host.label("disk")).isEqualTo(image);
    }

    @Test
    void a_look_at_a_domain_that_has_ended_changes_nothing() throws IOException {
        DomainLook look = withLeavingDisk(StartedBy.LIBVIRT);
        String image = host.label("disk");
        Map<FileHold, Optional<Timestamp>> leaving = leaving(look);
        raw("joins", OTHER);
        states.write("web", joins());

        look.look(WEB, new Moment(() -> false, () -> false, leaving));

        assertThat(isHeld("joins")).isFalse();
        assertThat(host.label("joins")).isEqualTo(OTHER);
        assertThat(host.label("disk")).isEqualTo(image);
        assertThat(problems.of(WEB)).isEmpty();
    }

    @Test
    void what_cannot_be_taken_off_the_record_stays_and_is_told_as_that() throws IOException {
        DomainLook look = withLeavingDisk(StartedBy.LIBVIRT);
        Map<FileHold, Optional<Timestamp>> leaving = leaving(look);
        host.journal().failAt(1);

        assertThat(again(look, leaving, () -> true)).isInstanceOf(DomainLook.Unfinished.class);

        assertThat(isHeld("disk")).isTrue();
        assertThat(problems.of(WEB)).isNotEmpty();
        assertThat(events).isEmpty();
        assertThat(again(look, leaving(look), () -> true)).isInstanceOf(DomainLook.Nothing.class);
        assertThat(isHeld("disk")).isFalse();
        assertThat(problems.of(WEB)).isEmpty();
    }

    @Test
    void a_medium_that_another_domain_of_libvirts_uses_keeps_its_label() throws IOException {
        startWithoutState(StartedBy.LABELLING_LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        raw("iso", CONTENT);
        states.write("web", disk(), drive("iso"));
        domains.started(WEB);
        eventually(() -> isHeld("iso"));
        host.setLabel("iso", CONTENT);
        states.write("other", drive("iso"));

        states.write("web", disk(), StateFiles.drive("sda"));

        eventually(() -> isTold("may be in use"));
        assertThat(isHeld("iso")).isTrue();
        assertThat(host.label("iso")).isEqualTo(CONTENT);
        states.remove("other");
        domains.started(WEB);
        eventually(() -> !isHeld("iso"));
    }

    @Test
    void a_layer_that_the_guest_has_written_into_a_held_header_is_judged() throws IOException {
        Files.write(host.path("top"), Qcow2Builder.v3().build());
        host.setLabel("top", HOME);
        raw("secret", OTHER);
        startWithoutState(StartedBy.LIBVIRT, host.image("top", ImageFormat.QCOW2, Access.READ_WRITE));
        Files.write(
                host.path("top"),
                Qcow2Builder.overlay(host.path("secret").toString(), "raw").build());
        states.write("web", StateFiles.overlay("vda", host.path("top"), host.path("secret")));
        domains.started(WEB);

        eventually(() -> isTold("it is not on record"));
        assertThat(isHeld("secret")).isFalse();
        assertThat(host.label("secret")).isEqualTo(OTHER);
    }

    @Test
    void nothing_is_made_for_a_domain_that_runs() throws IOException {
        start(StartedBy.LIBVIRT);
        Sighting seen = new Sighting(host.files().vm(WEB).orElseThrow(), () -> true, () -> true, true);
        DeclaredUse log =
                new DeclaredUse.FileUse(new Origin("log"), FileRole.LOG, host.hostPath("console"), UseAccess.CREATE);

        TakeOutcome taking = host.files()
                .follow(
                        seen,
                        new VmDefinition(
                                List.of(log),
                                List.of(),
                                Optional.empty(),
                                VmDefinition.Acceleration.EMULATION,
                                List.of()),
                        reader().defined(WEB));

        assertThat(taking).isInstanceOf(TakeOutcome.Refused.class);
        assertThat(host.path("console")).doesNotExist();
    }

    @Test
    void a_content_label_that_libvirt_has_left_goes_with_the_file() throws IOException {
        DomainLook look = withLeavingDisk(StartedBy.LABELLING_LIBVIRT);
        host.setLabel("disk", CONTENT);

        assertThat(again(look, leaving(look), () -> true)).isInstanceOf(DomainLook.Nothing.class);

        assertThat(isHeld("disk")).isFalse();
        assertThat(host.label("disk")).isEqualTo(HOME);
    }

    @Test
    void nobody_labels_where_the_settings_leave_it_to_libvirt() throws IOException {
        domains.close();
        domains = domains(PACE, new GuardConfig(List.of(), List.of(), Optional.of(GuardConfig.Labels.LIBVIRT)));
        start(StartedBy.LIBVIRT);
        raw("joins", OTHER);

        states.write("web", disk(), joins());

        eventually(() -> isHeld("joins"));
        assertThat(host.label("joins")).isEqualTo(OTHER);
    }

    @Test
    void a_guard_that_labels_does_so_also_where_libvirt_labels() throws IOException {
        startWithoutState(StartedBy.LABELLING_LIBVIRT, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));

        host.files()
                .settle(
                        host.files().run(WEB),
                        holds -> holds.stream().map(FileHold::reading).toList());

        assertThat(host.label("disk")).isEqualTo(CONTENT);
    }

    @Test
    void a_new_file_under_a_held_name_is_not_the_vms() throws IOException {
        String image = start(StartedBy.LIBVIRT);
        raw("joins", OTHER);
        states.write("web", disk(), joins());
        // It is on record before it is labelled.
        eventually(() -> host.label("joins").equals(image));
        raw("fresh", HOME);
        Files.move(host.path("fresh"), host.path("joins"), StandardCopyOption.ATOMIC_MOVE);

        states.write("web", disk(), joins(), "<controller type='usb'/>");

        eventually(() -> isTold("leads to another file by now"));
        assertThat(original("joins")).contains(OTHER);
        assertThat(host.label("joins")).isEqualTo(HOME);
    }

    /** qemu has the file open to which the link led before. */
    @Test
    void a_link_that_is_pointed_anew_takes_no_file_from_the_vm() throws IOException {
        String image = start(StartedBy.LIBVIRT);
        raw("old", HOME);
        raw("new", HOME);
        Files.createSymbolicLink(host.path("joins"), host.path("old"));
        states.write("web", disk(), joins());
        eventually(() -> host.label("old").equals(image));
        raw("leaves", OTHER);
        states.write("web", disk(), joins(), StateFiles.disk("vdc", host.path("leaves")));
        eventually(() -> isHeld("leaves"));
        Files.createSymbolicLink(host.path("link"), host.path("new"));
        Files.move(host.path("link"), host.path("joins"), StandardCopyOption.ATOMIC_MOVE);

        states.write("web", disk(), joins());

        eventually(() -> !isHeld("leaves"));
        assertThat(host.label("old")).isEqualTo(image);
    }

    @Test
    void what_libvirt_remembers_of_an_earlier_boot_does_not_count() throws IOException {
        String image = start(StartedBy.LABELLING_LIBVIRT);
        overlay("top", image);
        remember("top", OTHER, Instant.EPOCH.plusSeconds(1_000_000));

        states.write("web", StateFiles.overlay("vda", host.path("top"), host.path("disk")));

        eventually(() -> isHeld("top"));
        assertThat(original("top")).isNotEqualTo(Optional.of(OTHER));
    }

    @Test
    void a_fault_in_a_look_does_not_end_the_following() throws IOException {
        AuditLog sound = audit;
        CountDownLatch isFailed = new CountDownLatch(1);
        audit = entry -> {
            isFailed.countDown();
            throw new OutOfMemoryError("of a test's making");
        };
        start(StartedBy.LIBVIRT);
        raw("joins", OTHER);
        states.write("web", disk(), joins());
        await(isFailed);
        audit = sound;
        raw("later", OTHER);

        eventually(() -> {
            // The thread may not have come to its end yet.
            domains.started(WEB);
            return isHeld("joins");
        });
        states.write("web", disk(), joins(), StateFiles.disk("vdc", host.path("later")));

        eventually(() -> isHeld("later"));
    }
}
