package labeler.lifecycle;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import labeler.journal.VmRecord;
import labeler.linux.Descriptor;
import labeler.linux.LinuxException;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;
import labeler.selinux.SecurityContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a process which started itself as a VM comes to run at the VM's context, by the kernel's own word
 * (/proc/PID/attr/current), and ends it if it does not. Its labels then go back as at any other end.
 */
final class LaunchCheck implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaunchCheck.class);

    /** From the answer to a start until the exec; a JVM on a loaded machine, or an emulated one, needs seconds. */
    static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final long PERIOD_MILLIS = 20;

    private final Processes processes;
    private final Walls walls;
    private final Duration patience;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("launch-check").daemon().factory());

    LaunchCheck(Processes processes, Walls walls, Duration patience) {
        this.processes = processes;
        this.walls = walls;
        this.patience = patience;
    }

    /**
     * A launch that was answered just now.
     *
     * @param before what the process runs at until it becomes qemu
     */
    private record Launch(VmRecord vm, ProcessIdentity process, Optional<SecurityContext> before, long deadline) {}

    /** Looks after this VM's process from now on; does nothing for a VM without one. */
    void expect(VmRecord vm) {
        vm.process().ifPresent(process -> {
            Optional<SecurityContext> before = walls.context(process.pid());
            long deadline = System.nanoTime() + patience.toNanos();
            again(new Launch(vm, process, before, deadline));
        });
    }

    private void again(Launch launch) {
        var _ = executor.schedule(() -> look(launch), PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    }

    private void look(Launch launch) {
        ProcessIdentity process = launch.process();
        if (!processes.identify(process.pid()).equals(Optional.of(process))) {
            return;
        }
        Optional<SecurityContext> now = walls.context(process.pid());
        SecurityContext wanted = launch.vm().contexts().process();
        if (now.equals(Optional.of(wanted))) {
            LOG.info("VM {}: process {} runs at {}", launch.vm().name(), process.pid(), wanted);
        } else if (!now.equals(launch.before())) {
            end(launch, "runs at " + now.map(SecurityContext::toString).orElse("no context"));
        } else if (System.nanoTime() > launch.deadline()) {
            end(launch, "did not become qemu within " + patience.toSeconds() + " s");
        } else {
            again(launch);
        }
    }

    private void end(Launch launch, String what) {
        LOG.error(
                "VM {}: process {} {}, where {} should be; it is ended",
                launch.vm().name(),
                launch.process().pid(),
                what,
                launch.vm().contexts().process());
        try (Descriptor pidfd = processes.open(launch.process().pid())) {
            // Only now is it certain that the number is still this process's.
            if (processes.identify(launch.process().pid()).equals(Optional.of(launch.process()))) {
                processes.kill(pidfd);
            }
        } catch (LinuxException e) {
            LOG.error("VM {}: its process cannot be ended: {}", launch.vm().name(), e.getMessage());
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
