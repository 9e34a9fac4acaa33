package labeler.server;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.api.ApiJson;
import labeler.api.StartBody;
import labeler.client.ServiceClient;
import labeler.config.ServiceConfig;
import labeler.lifecycle.VmLifecycle;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.apache.commons.io.file.PathUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Plans a VM that nobody has, some times, once the service is ready. The JVM runs new code slowly and compiles it when it has
 * run some times, so the first VM after a boot would wait for that (docs/adr/0058-a-rehearsal.md). A plan labels and records
 * nothing. Its images are empty, in a directory of the service's own, and are gone at its end.
 */
final class Rehearsal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Rehearsal.class);

    /** After twice as many, the first start was not faster. */
    private static final int PLANS = 20;

    /** It takes 10 MB, which a host with more VMs on record keeps for these. */
    private static final int MOST_VMS = 1_000;

    /** A plan takes some milliseconds. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private static final Duration PATIENCE = Duration.ofMillis(500);
    private static final int DISKS = 4;
    private static final int LAYERS = 3;
    private static final VmName VM = new VmName("rehearsal");

    private final VmLifecycle lifecycle;
    private final ServiceClient service;
    private final Path directory;
    private final Thread thread = Thread.ofPlatform().name("rehearsal").daemon().unstarted(this::run);
    private volatile boolean ended;

    @Inject
    Rehearsal(VmLifecycle lifecycle, ServiceConfig config) {
        this.lifecycle = lifecycle;
        this.service = new ServiceClient(config.socket(), LONGEST);
        this.directory = config.runDirectory().resolve("rehearsal");
    }

    /** Call this when the service listens. It takes less than a second of one processor, after the recovery. */
    void begin() {
        thread.start();
    }

    boolean isUnderWay() {
        return thread.isAlive();
    }

    private void run() {
        try {
            lifecycle.awaitRecovery();
            if (!ended && lifecycle.held().vms() <= MOST_VMS) {
                rehearse();
            }
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // Without a rehearsal the service works as well. A recovery's own fault is told by Readiness.
            LOG.warn("the first start may take longer: {}", e.toString());
        } catch (IOException e) {
            LOG.warn("{}: the first start may take longer: {}", directory, e.getMessage());
        }
    }

    private void rehearse() throws IOException {
        remove();
        Files.createDirectory(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            List<Path> disks = new ArrayList<>();
            for (int disk = 0; disk < DISKS; disk++) {
                disks.add(EmptyImages.chain(directory, "disk" + disk, LAYERS));
            }
            List<StartBody.Source> sources = List.of(commandLine(disks), domainXml(disks));
            boolean goesOn = true;
            for (int plan = 0; plan < PLANS && goesOn; plan++) {
                goesOn = isAnswered(sources.get(plan % sources.size())) && !ended;
            }
        } finally {
            remove();
        }
    }

    private void remove() throws IOException {
        // A service that was killed may have left it.
        if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            PathUtils.deleteDirectory(directory);
        }
    }

    /** Asks over the service's own socket, as a client: the way of a request is new to the JVM as well. */
    private boolean isAnswered(StartBody.Source source) {
        StartBody body = new StartBody(Optional.of(VM), source, Optional.empty(), Optional.empty(), Optional.empty());
        Optional<String> fault = switch (service.post("/v1/plan", ApiJson.body(body))) {
            // A refusal is a rehearsal too: where nothing would confine a VM, each plan is refused.
            case ServiceClient.Answered _ -> Optional.empty();
            case ServiceClient.NoService(String message) -> Optional.of(message);
            case ServiceClient.Broken(String message) -> Optional.of(message);
        };
        fault.filter(_ -> !ended).ifPresent(message -> LOG.warn("the first start may take longer: {}", message));
        return fault.isEmpty();
    }

    private StartBody.Source commandLine(List<Path> disks) {
        List<byte[]> argv = new ArrayList<>();
        argv.add("qemu-system-x86_64".getBytes(StandardCharsets.UTF_8));
        for (Path disk : disks) {
            argv.add("-drive".getBytes(StandardCharsets.UTF_8));
            argv.add(("file=" + disk.getFileName() + ",format=qcow2,if=virtio").getBytes(StandardCharsets.UTF_8));
        }
        return StartBody.Source.commandLine(argv, HostPath.of(directory));
    }

    /** A name with characters that are not XML's makes a plan with problems, which is a rehearsal too. */
    private static StartBody.Source domainXml(List<Path> disks) {
        StringBuilder xml = new StringBuilder("<domain type='kvm'><name>" + VM + "</name><devices>");
        for (Path disk : disks) {
            xml.append("<disk type='file' device='disk'><driver name='qemu' type='qcow2'/><source file='")
                    .append(disk)
                    .append("'/><target dev='")
                    .append(disk.getFileName())
                    .append("'/></disk>");
        }
        return StartBody.Source.domainXml(
                xml.append("</devices></domain>").toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        ended = true;
        if (!isUnderWay()) {
            return;
        }
        try {
            // The next service removes whatever a plan leaves that takes longer.
            thread.join(PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
