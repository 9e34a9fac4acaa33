package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.File;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;

/** Processes through pidfds and procfs. */
final class JnaProcesses implements Processes {
    private static final String BOOT_ID = "/proc/sys/kernel/random/boot_id";

    /** Larger than any file that is read here: stat, attr/current (a context is at most a page), boot_id. */
    private static final int FILE_SIZE = 8192;

    private static final String PIDFD_OPEN = "pidfd_open";

    /** No process has this number. EINVAL, and ENOENT since Linux 6.15, if the number is a thread's. */
    private static final Set<Errno> NO_PROCESS = Set.of(Errno.ESRCH, Errno.EINVAL, Errno.ENOENT);

    /** The process has ended: before its file was opened, or after that. */
    private static final Set<Integer> ENDED = Set.of(Errno.ENOENT.code(), Errno.ESRCH.code());

    private final ScratchPool pool;

    JnaProcesses(ScratchPool pool) {
        this.pool = pool;
    }

    @Override
    public Descriptor open(Pid pid) throws LinuxException {
        try {
            // A pidfd is close-on-exec from the start.
            return new OwnedDescriptor((int) LibC.syscall(Abi.CallNumber.PIDFD_OPEN, pid.value(), 0, 0, 0, 0));
        } catch (LastErrorException e) {
            throw Calls.failure(PIDFD_OPEN, pid.toString(), e);
        }
    }

    @Override
    public List<Integer> awaitExit(List<Descriptor> pidfds, Waker waker, int timeoutMillis) throws LinuxException {
        int count = pidfds.size() + 1;
        Memory polled = new Memory((long) count * Abi.Poll.SIZE);
        for (int i = 0; i < count; i++) {
            Descriptor descriptor = i < pidfds.size() ? pidfds.get(i) : waker.descriptor();
            long at = (long) i * Abi.Poll.SIZE;
            polled.setInt(at + Abi.Poll.FD, descriptor.number());
            polled.setShort(at + Abi.Poll.EVENTS, (short) Abi.Poll.POLLIN);
        }
        try {
            poll(Pointer.nativeValue(polled), count, timeoutMillis);
            List<Integer> ended = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                int returned = polled.getShort((long) i * Abi.Poll.SIZE + Abi.Poll.RETURNED);
                if ((returned & Abi.Poll.POLLNVAL) != 0) {
                    throw new LinuxException("poll", "descriptor closed while waiting", Errno.EBADF.code());
                }
                if (returned != 0 && i < pidfds.size()) {
                    ended.add(i);
                } else if (returned != 0 && ended.isEmpty()) {
                    quieten(waker.descriptor());
                }
            }
            return ended;
        } catch (LastErrorException e) {
            throw Calls.failure("poll", pidfds.size() + " processes", e);
        }
    }

    @Override
    public boolean awaitReadersEnd(int descriptor, int timeoutMillis) throws LinuxException {
        Memory polled = new Memory(Abi.Poll.SIZE);
        polled.clear();
        polled.setInt(Abi.Poll.FD, descriptor);
        try {
            // Without a wanted event the kernel reports these alone.
            poll(Pointer.nativeValue(polled), 1, timeoutMillis);
            return (polled.getShort(Abi.Poll.RETURNED) & (Abi.Poll.POLLERR | Abi.Poll.POLLHUP)) != 0;
        } catch (LastErrorException e) {
            throw Calls.failure("poll", "descriptor " + descriptor, e);
        }
    }

    /** poll(2) that waits for the rest of the time after a signal. */
    private static void poll(long polled, int count, int timeoutMillis) throws LastErrorException {
        long end = System.nanoTime() + Duration.ofMillis(timeoutMillis).toNanos();
        int left = timeoutMillis;
        while (true) {
            try {
                LibC.poll(polled, count, left);
                return;
            } catch (LastErrorException e) {
                if (e.getErrorCode() != Errno.EINTR.code()) {
                    throw e;
                }
                if (timeoutMillis >= 0) {
                    left = (int) Math.max(
                            0, Duration.ofNanos(end - System.nanoTime()).toMillis());
                }
            }
        }
    }

    private void quieten(Descriptor waker) throws LastErrorException {
        try (Scratch scratch = pool.take()) {
            LibC.read(waker.number(), scratch.structure(), Long.BYTES);
        } catch (LastErrorException e) {
            // EAGAIN: another waiting thread has read it first.
            if (e.getErrorCode() != Errno.EAGAIN.code()) {
                throw e;
            }
        }
    }

    @Override
    public Waker waker() throws LinuxException {
        try {
            int flags = Abi.Poll.EFD_CLOEXEC | Abi.Poll.EFD_NONBLOCK;
            return new EventWaker(new OwnedDescriptor(LibC.eventfd(0, flags)));
        } catch (LastErrorException e) {
            throw Calls.failure("eventfd", "", e);
        }
    }

    private final class EventWaker implements Waker {
        private final OwnedDescriptor descriptor;
        private boolean closed;

        EventWaker(OwnedDescriptor descriptor) {
            this.descriptor = descriptor;
        }

        @Override
        public Descriptor descriptor() {
            return descriptor;
        }

        @Override
        public synchronized void wake() {
            if (closed) {
                return;
            }
            try (Scratch scratch = pool.take()) {
                scratch.putLong(0, 1);
                LibC.write(descriptor.number(), scratch.structure(), Long.BYTES);
            } catch (LastErrorException e) {
                // EAGAIN: the counter is full, so the waiting thread is awake anyway.
                if (e.getErrorCode() != Errno.EAGAIN.code()) {
                    throw e;
                }
            }
        }

        @Override
        public synchronized void close() {
            closed = true;
            descriptor.close();
        }
    }

    @Override
    public void terminate(Descriptor process) throws LinuxException {
        send(process, Abi.Signal.SIGTERM);
    }

    @Override
    public void kill(Descriptor process) throws LinuxException {
        send(process, Abi.Signal.SIGKILL);
    }

    private static void send(Descriptor process, int signal) throws LinuxException {
        try {
            LibC.syscall(Abi.CallNumber.PIDFD_SEND_SIGNAL, process.number(), signal, 0, 0, 0);
        } catch (LastErrorException e) {
            if (e.getErrorCode() != Errno.ESRCH.code()) {
                throw Calls.failure("pidfd_send_signal", "descriptor " + process.number(), e);
            }
        }
    }

    /**
     * Only the pidfd shows an end: it is readable when the last thread is gone (pidfd_open(2)). The state in
     * /proc/PID/stat is that of the first thread, which may be gone while others use the files. If procfs hides
     * processes (hidepid=), a missing file proves nothing.
     */
    @Override
    public Optional<ProcessIdentity> identify(Pid pid) throws LinuxException {
        String path = "/proc/" + pid + "/stat";
        try (Descriptor pidfd = open(pid)) {
            OptionalLong start = OptionalLong.empty();
            Optional<LinuxException> unread = Optional.empty();
            try {
                start = ProcFiles.startTime(read(path));
            } catch (LastErrorException e) {
                unread = Optional.of(Calls.failure("read", path, e));
            }
            // Asked last: until the process has ended, no other process has its number, so the data are of this
            // process.
            if (hasEnded(pidfd)) {
                return Optional.empty();
            }
            if (unread.isPresent()) {
                throw unread.get();
            }
            if (start.isEmpty()) {
                throw new LinuxException("read", path, Errno.EIO.code());
            }
            return Optional.of(new ProcessIdentity(pid, start.getAsLong()));
        } catch (LinuxException e) {
            if (e.call().equals(PIDFD_OPEN) && NO_PROCESS.contains(e.errno())) {
                return Optional.empty();
            }
            throw e;
        }
    }

    private boolean hasEnded(Descriptor pidfd) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            long polled = scratch.poll(pidfd.number(), Abi.Poll.POLLIN);
            return Calls.retrying(() -> LibC.poll(polled, 1, 0)) > 0;
        } catch (LastErrorException e) {
            throw Calls.failure("poll", "descriptor " + pidfd.number(), e);
        }
    }

    @Override
    public Optional<byte[]> context(Pid pid) throws LinuxException {
        String path = "/proc/" + pid + "/attr/current";
        try {
            return ProcFiles.context(read(path));
        } catch (LastErrorException e) {
            // EINVAL: no security module keeps contexts.
            if (ENDED.contains(e.getErrorCode()) || e.getErrorCode() == Errno.EINVAL.code()) {
                return Optional.empty();
            }
            throw Calls.failure("read", path, e);
        }
    }

    @Override
    public Optional<byte[]> controlGroups(Pid pid) throws LinuxException {
        String path = "/proc/" + pid + "/cgroup";
        try {
            return Optional.of(read(path));
        } catch (LastErrorException e) {
            if (ENDED.contains(e.getErrorCode())) {
                return Optional.empty();
            }
            throw Calls.failure("read", path, e);
        }
    }

    private byte[] read(String path) throws LastErrorException {
        try (Scratch scratch = pool.take()) {
            int flags = Abi.Open.O_RDONLY | Abi.Open.O_CLOEXEC;
            int file = Calls.openat(Abi.Open.AT_FDCWD, scratch.path(path.getBytes(StandardCharsets.US_ASCII)), flags);
            try {
                // procfs gives a file of this size whole.
                return scratch.data((int) Calls.retrying(() -> LibC.read(file, scratch.data(), FILE_SIZE)));
            } finally {
                Calls.close(file);
            }
        }
    }

    @Override
    public List<Pid> list() throws LinuxException {
        String[] names = new File("/proc").list();
        if (names == null) {
            throw new LinuxException("getdents", "/proc", Errno.EIO.code());
        }
        List<Pid> pids = new ArrayList<>();
        for (String name : names) {
            if (name.matches("[1-9][0-9]{0,6}")) {
                pids.add(new Pid(Integer.parseInt(name)));
            }
        }
        return pids;
    }

    @Override
    public String bootId() throws LinuxException {
        try {
            return new String(read(BOOT_ID), StandardCharsets.US_ASCII).strip();
        } catch (LastErrorException e) {
            throw Calls.failure("read", BOOT_ID, e);
        }
    }
}
