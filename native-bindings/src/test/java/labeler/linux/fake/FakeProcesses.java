package labeler.linux.fake;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;

/** Processes of the fake kernel, which tests start and end. */
public final class FakeProcesses implements Processes {
    private record Running(ProcessIdentity identity, Optional<byte[]> context) {}

    private final FakeKernel kernel;
    private final Map<Pid, Running> running = new HashMap<>();
    private final Map<Descriptor, ProcessIdentity> watched = new HashMap<>();
    private final Map<Pid, String> groups = new HashMap<>();
    private long clock = 100;
    private int boots = 1;
    private boolean isLate;

    FakeProcesses(FakeKernel kernel) {
        this.kernel = kernel;
    }

    /** A new process at this security context, under a number that may have been used before. */
    public ProcessIdentity start(int pid, String context) {
        return start(pid, Optional.of(FileTree.text(context)));
    }

    /** A new process with no context, as if no security module is active. */
    public ProcessIdentity start(int pid) {
        return start(pid, Optional.empty());
    }

    private ProcessIdentity start(int pid, Optional<byte[]> context) {
        synchronized (kernel) {
            ProcessIdentity identity = new ProcessIdentity(new Pid(pid), clock++);
            running.put(identity.pid(), new Running(identity, context));
            kernel.notifyAll();
            return identity;
        }
    }

    /** The same process at another context, as after execve(2). */
    public void become(int pid, String context) {
        synchronized (kernel) {
            running.computeIfPresent(
                    new Pid(pid), (_, process) -> new Running(process.identity(), Optional.of(FileTree.text(context))));
        }
    }

    /** The process is in this control group, and not in that of every other one. */
    public void move(int pid, String group) {
        synchronized (kernel) {
            groups.put(new Pid(pid), group);
        }
    }

    /** Processes that start from now on are so much younger, in ticks of which a second has 100. */
    public void pass(Duration time) {
        synchronized (kernel) {
            clock += time.toMillis() / 10;
        }
    }

    /** The process ends, and waiting threads see it. */
    public void end(int pid) {
        synchronized (kernel) {
            running.remove(new Pid(pid));
            kernel.notifyAll();
        }
    }

    /** Whether those who wait for an end do not hear of it yet. */
    public void tellLate(boolean late) {
        synchronized (kernel) {
            isLate = late;
            kernel.notifyAll();
        }
    }

    void reboot() {
        running.clear();
        watched.clear();
        clock = 100;
        boots++;
    }

    @Override
    public Descriptor open(Pid pid) throws LinuxException {
        kernel.faults.check("pidfd_open", pid.toString(), false);
        synchronized (kernel) {
            Running process = running.get(pid);
            if (process == null) {
                throw new LinuxException("pidfd_open", pid.toString(), Errno.ESRCH.code());
            }
            Descriptor descriptor = kernel.open(null, HostPath.of("pidfd"), false);
            watched.put(descriptor, process.identity());
            return descriptor;
        }
    }

    @Override
    public List<Integer> awaitExit(List<Descriptor> pidfds, Waker waker, int timeoutMillis) throws LinuxException {
        kernel.faults.check("poll", pidfds.toString(), false);
        long end = System.nanoTime() + timeoutMillis * 1_000_000L;
        synchronized (kernel) {
            while (true) {
                List<Integer> ended = ended(pidfds);
                if (!ended.isEmpty() || (waker instanceof FakeWaker fake && fake.consume())) {
                    return ended;
                }
                long left = timeoutMillis < 0 ? 1000 : (end - System.nanoTime()) / 1_000_000;
                if (left <= 0) {
                    return List.of();
                }
                try {
                    kernel.wait(left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new LinuxException("poll", pidfds.toString(), Errno.EINTR.code());
                }
                kernel.faults.checkPower("poll");
            }
        }
    }

    private List<Integer> ended(List<Descriptor> pidfds) throws LinuxException {
        List<Integer> ended = new ArrayList<>();
        Set<ProcessIdentity> alive = new HashSet<>();
        running.values().forEach(process -> alive.add(process.identity()));
        for (int i = 0; i < pidfds.size(); i++) {
            // Throws if it is closed, as the real one does.
            int number = pidfds.get(i).number();
            ProcessIdentity identity = watched.get(pidfds.get(i));
            if (identity == null || kernel.known(pidfds.get(i)) == null) {
                throw new LinuxException("poll", "descriptor " + number, Errno.EBADF.code());
            }
            if (!alive.contains(identity) && !isLate) {
                ended.add(i);
            }
        }
        return ended;
    }

    /** Everybody reads here. */
    @Override
    public boolean awaitReadersEnd(int descriptor, int timeoutMillis) {
        return false;
    }

    @Override
    public Waker waker() throws LinuxException {
        kernel.faults.check("eventfd", "waker", false);
        synchronized (kernel) {
            return new FakeWaker(kernel.open(null, HostPath.of("eventfd"), false));
        }
    }

    @Override
    public void terminate(Descriptor process) throws LinuxException {
        kill(process);
    }

    @Override
    public void kill(Descriptor process) throws LinuxException {
        kernel.faults.check("pidfd_send_signal", "process", true);
        synchronized (kernel) {
            ProcessIdentity identity = watched.get(process);
            if (identity == null) {
                throw new LinuxException("pidfd_send_signal", "process", Errno.EBADF.code());
            }
            Running there = running.get(identity.pid());
            if (there != null && there.identity().equals(identity)) {
                end(identity.pid().value());
            }
        }
    }

    @Override
    public Optional<ProcessIdentity> identify(Pid pid) throws LinuxException {
        kernel.faults.check("stat", pid.toString(), false);
        synchronized (kernel) {
            return Optional.ofNullable(running.get(pid)).map(Running::identity);
        }
    }

    @Override
    public Optional<byte[]> context(Pid pid) throws LinuxException {
        kernel.faults.check("attr/current", pid.toString(), false);
        synchronized (kernel) {
            return Optional.ofNullable(running.get(pid))
                    .flatMap(Running::context)
                    .map(byte[]::clone);
        }
    }

    @Override
    public Optional<byte[]> controlGroups(Pid pid) throws LinuxException {
        kernel.faults.check("cgroup", pid.toString(), false);
        synchronized (kernel) {
            return running.containsKey(pid)
                    ? Optional.of(FileTree.text("0::" + groups.getOrDefault(pid, "/user.slice")))
                    : Optional.empty();
        }
    }

    @Override
    public List<Pid> list() throws LinuxException {
        kernel.faults.check("getdents", "/proc", false);
        synchronized (kernel) {
            return running.keySet().stream()
                    .sorted(Comparator.comparingInt(Pid::value))
                    .toList();
        }
    }

    @Override
    public String bootId() throws LinuxException {
        kernel.faults.check("read", "/proc/sys/kernel/random/boot_id", false);
        synchronized (kernel) {
            return "00000000-0000-4000-8000-%012d".formatted(boots);
        }
    }

    private final class FakeWaker implements Waker {
        private final Descriptor descriptor;
        private boolean woken;

        FakeWaker(Descriptor descriptor) {
            this.descriptor = descriptor;
        }

        boolean consume() {
            boolean was = woken;
            woken = false;
            return was;
        }

        @Override
        public Descriptor descriptor() {
            return descriptor;
        }

        @Override
        public void wake() {
            synchronized (kernel) {
                woken = true;
                kernel.notifyAll();
            }
        }

        @Override
        public void close() {
            descriptor.close();
        }
    }
}
