package labeler.domain;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import labeler.api.ParsedDefinitions;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.config.GuardConfig;
import labeler.config.LibvirtConfig;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditLog;
import labeler.leftover.LibvirtStates;
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
import labeler.mcs.ProcessContexts;
import labeler.selinux.StoredLabel;
import labeler.vm.DeclaredUse;
import labeler.vm.LabelWishes;
import labeler.vm.StartedBy;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.libvirt.LibvirtHost;
import labeler.waiting.Eventually;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The following of one domain, on real files; libvirt's part is played by the test, with files like libvirt's. */
abstract class FollowedDomainsOnDisk {
    static final VmName WEB = new VmName("web");
    static final String HOME = FollowedHost.HOME;
    static final String OTHER = "unconfined_u:object_r:virt_image_t:s0";

    /** As fast as a test wants it; a longer patience is never waited for. */
    static final Pace PACE =
            new Pace(Duration.ofMillis(1), Duration.ofMillis(50), Duration.ofDays(1), Duration.ofDays(1));

    /** Only ends a test that hangs. */
    static final Duration LIMIT = Duration.ofSeconds(20);

    @TempDir
    Path root;

    final List<AuditEntry> events = new CopyOnWriteArrayList<>();
    AuditLog audit = events::add;
    final NotFollowed problems = new NotFollowed();
    FollowedHost host;
    StateFiles states;
    FollowedDomains domains;

    @BeforeEach
    void open() throws IOException {
        host = new FollowedHost(root);
        states = StateFiles.below(root.resolve("state"));
        raw("disk", HOME);
        domains = domains(PACE);
    }

    @AfterEach
    void close() throws IOException {
        domains.close();
        host.close();
    }

    FollowedDomains domains(Pace pace) {
        return domains(pace, GuardConfig.DEFAULT);
    }

    FollowedDomains domains(Pace pace, GuardConfig guard) {
        return domains(pace, guard, LibvirtConfig.DEFAULT);
    }

    FollowedDomains domains(Pace pace, GuardConfig guard, LibvirtConfig config) {
        DomainEnd end = new DomainEnd(
                reader(),
                new Emulators(
                        host.linux().processes(),
                        new ProcessContexts(host.linux().processes(), false)),
                host.stop(),
                problems,
                entry -> audit.add(entry));
        return new FollowedDomains(look(guard), end, states.files(), host.lifecycle(), problems, config, pace);
    }

    DomainReader reader() {
        return new DomainReader(
                states.files(),
                new LibvirtStates(host.linux(), states.files()),
                host.linux().processes(),
                new ParsedDefinitions(LibvirtHost.UNKNOWN));
    }

    DomainLook look(GuardConfig guard) {
        return new DomainLook(
                reader(),
                host.files(),
                host.departures(),
                host.lifecycle(),
                new DomainLabels(guard),
                problems,
                entry -> audit.add(entry));
    }

    void raw(String name, String label) throws IOException {
        Files.write(host.path(name), new byte[512]);
        host.setLabel(name, label);
    }

    void overlay(String name, String label) throws IOException {
        Files.write(
                host.path(name),
                Qcow2Builder.overlay(host.path("disk").toString(), "raw").build());
        host.setLabel(name, label);
    }

    /** Starts a domain of libvirt's with one disk; answers its image context. */
    String start(StartedBy starter) throws IOException {
        String context = startWithoutState(starter, host.image("disk", ImageFormat.RAW, Access.READ_WRITE));
        states.write("web", StateFiles.disk("vda", host.path("disk")));
        domains.started(WEB);
        return context;
    }

    /** Starts it as libvirt's hook does: there is no state yet. */
    String startWithoutState(StartedBy starter, DeclaredUse disk) {
        return host.start(new StartRequest(
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
                .by(starter, new StartRequest.Hook(Optional.empty(), false)));
    }

    void eventually(BooleanSupplier condition) {
        Eventually.eventually(() -> problems.of(WEB) + ", " + events, condition::getAsBoolean);
    }

    Optional<FileView> file(String name) {
        return host.lifecycle().status(WEB).map(VmView::files).stream()
                .flatMap(List::stream)
                .filter(file -> file.path().equals(host.hostPath(name)))
                .findFirst();
    }

    boolean isHeld(String name) {
        return file(name).isPresent();
    }

    Optional<String> original(String name) {
        return file(name).flatMap(FileView::originalContext).map(StoredLabel::printable);
    }

    /** libvirt's memory of a label, as it writes it. */
    void remember(String name, String label) throws IOException {
        remember(name, label, Instant.now());
    }

    void remember(String name, String label, Instant boot) throws IOException {
        Linux linux = JnaLinux.create();
        if (linux.open().find(host.hostPath(name), OpenRequest.NAMED_OBJECT) instanceof OpenedFile file) {
            try (file) {
                linux.attributes()
                        .set(
                                file,
                                AttributeName.LIBVIRT_REMEMBERED,
                                (label + "\0").getBytes(StandardCharsets.US_ASCII));
                linux.attributes()
                        .set(
                                file,
                                AttributeName.LIBVIRT_TIMESTAMP,
                                Long.toString(boot.getEpochSecond()).getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    boolean isTold(String words) {
        return problems.of(WEB).stream().anyMatch(problem -> problem.message().contains(words));
    }
}
