package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import labeler.journal.VmRecord;
import labeler.lifecycle.confinement.Confinement;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;
import labeler.mcs.ProcessContexts;
import labeler.selinux.SecurityContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a process which started itself as a VM comes to run at the VM's context, by the kernel's own word
 * (/proc/PID/attr/current), and ends it if it does not. Its labels then go back as at any other end.
 */
public final class LaunchWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LaunchWatch.class);

    /** From the answer to a start until the exec; a JVM on a loaded machine, or an emulated one, needs seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Between two looks. */
    public static final long PERIOD_MILLIS = 20;

    /** After a failure (no descriptors left, say), so that the log is not full of it. */
    private static final long PAUSE_AFTER_FAILURE_MILLIS = 1000;

    private final Processes processes;
    private final ProcessContexts contexts;
    private final Confinement confinement;
    private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("launch-check").daemon().factory());

    @Inject
    LaunchWatch(Processes processes, ProcessContexts contexts, Confinement confinement) {
        this.processes = processes;
        this.contexts = contexts;
        this.confinement = confinement;
    }

    /**
     * A launch that was answered just now.
     *
     * @param before what the process runs at until it becomes qemu; empty if that could not be told
     */
    private record Launch(VmRecord vm, ProcessIdentity process, Optional<SecurityContext> before, long deadline) {}

    /** A launch that the last service has answered; does nothing for a VM that is where it should be. */
    public void takeOver(VmRecord vm) {
        if (vm.phase() == VmRecord.Phase.RUNNING && confinement.isLaunchUnseen(vm)) {
            expect(vm);
        }
    }

    /** Looks after this VM's process from now on; does nothing for a VM without one. */
    void expect(VmRecord vm) {
        vm.process().ifPresent(process -> {
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            again(new Launch(vm, process, before(vm, process), deadline), PERIOD_MILLIS);
        });
    }

    private Optional<SecurityContext> before(VmRecord vm, ProcessIdentity process) {
        try {
            return contexts.of(process.pid());
        } catch (LinuxException e) {
            LOG.warn("VM {}: where its process runs until it is qemu cannot be told: {}", vm.name(), e.getMessage());
            return Optional.empty();
        }
    }

    private void again(Launch launch, long millis) {
        try {
            var _ = executor.schedule(() -> look(launch), millis, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            // The service stops; the next one looks after whoever is not yet at its context.
            LOG.info(
                    "VM {}: process {} is left to the next service",
                    launch.vm().name(),
                    launch.process().pid());
        }
    }

    private void look(Launch launch) {
        long next = PERIOD_MILLIS;
        try {
            if (isDecided(launch)) {
                return;
            }
        } catch (LinuxException e) {
            LOG.warn(
                    "VM {}: where its process runs cannot be told: {}",
                    launch.vm().name(),
                    e.getMessage());
            next = PAUSE_AFTER_FAILURE_MILLIS;
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // An executor drops a task that throws, and the process would go unseen.
            LOG.error("VM {}: while looking at its process", launch.vm().name(), e);
            next = PAUSE_AFTER_FAILURE_MILLIS;
        }
        boolean isLate = System.nanoTime() - launch.deadline() > 0;
        if (isLate && end(launch, "was not seen to become qemu within " + PATIENCE.toSeconds() + " s")) {
            return;
        }
        again(launch, isLate ? PAUSE_AFTER_FAILURE_MILLIS : next);
    }

    private boolean isDecided(Launch launch) throws LinuxException {
        ProcessIdentity process = launch.process();
        if (!processes.identify(process.pid()).equals(Optional.of(process))) {
            return true;
        }
        Optional<SecurityContext> now = contexts.of(process.pid());
        SecurityContext wanted = launch.vm().contexts().process();
        if (now.equals(Optional.of(wanted))) {
            LOG.info("VM {}: process {} runs at {}", launch.vm().name(), process.pid(), wanted);
            return true;
        }
        // A process that is just ending shows no context.
        boolean isElsewhere = now.isPresent() && launch.before().isPresent() && !now.equals(launch.before());
        return isElsewhere && end(launch, "runs at " + now.get());
    }

    /** Whether it is ended, or was. */
    private boolean end(Launch launch, String what) {
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
            return true;
        } catch (LinuxException e) {
            LOG.error("VM {}: its process cannot be ended: {}", launch.vm().name(), e.getMessage());
            return e.errno() == Errno.ESRCH;
        }
    }

    @Override
    public void close() {
        executor.shutdownNow();
    }
}
