package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.Exec;
import labeler.linux.HostPath;
import labeler.linux.LandlockRule;
import labeler.linux.LinuxException;

/**
 * execve(2) out of a running JVM. All of it happens on a platform thread that is made for it: the context for the next
 * exec and the signal mask belong to a thread, and die with it if the exec fails.
 *
 * <p>The state that the JVM leaves in a process, and how it is handled: handlers vanish with the exec, and the JVM
 * ignores no signal that was not ignored when it started; its threads block SIGQUIT, so the mask is cleared; many of
 * its descriptors lack close-on-exec, so all get it; its other threads end. It has raised the soft limit of open files
 * to the hard limit unless started with {@code -XX:-MaxFDLimit}, and the old limit is not known. It also has core dumps
 * take in file mappings, which the new program keeps, unless started without {@code Dump…MappingsInCore}, as the
 * launcher is.
 */
final class JnaExec implements Exec {
    private static final int FIRST_BEYOND_STANDARD = 3;
    private static final int NONE = -1;

    private final ScratchPool pool;

    JnaExec(ScratchPool pool) {
        this.pool = pool;
    }

    /** The program to become, in the memory and the terms of the C library. */
    private record Plan(
            HostPath program,
            StringVector arguments,
            StringVector environment,
            Optional<byte[]> context,
            List<Integer> inherited,
            Optional<List<LandlockRule>> rules) {}

    @Override
    public LinuxException become(
            HostPath program,
            List<byte[]> arguments,
            List<byte[]> environment,
            Optional<byte[]> context,
            Set<Descriptor> inherited) {
        return start(new Plan(
                program,
                new StringVector(arguments),
                new StringVector(environment),
                context,
                numbers(inherited),
                Optional.empty()));
    }

    @Override
    public LinuxException becomeConfined(
            HostPath program,
            List<byte[]> arguments,
            List<byte[]> environment,
            Optional<byte[]> context,
            Set<Descriptor> inherited,
            List<LandlockRule> rules) {
        return start(new Plan(
                program,
                new StringVector(arguments),
                new StringVector(environment),
                context,
                numbers(inherited),
                Optional.of(rules)));
    }

    @Override
    public int landlockVersion() throws LinuxException {
        try {
            return Landlock.ofThisKernel().version();
        } catch (LastErrorException e) {
            throw Calls.failure("landlock_create_ruleset", "version", e);
        }
    }

    private static List<Integer> numbers(Set<Descriptor> descriptors) {
        List<Integer> numbers = new ArrayList<>();
        for (Descriptor descriptor : descriptors) {
            numbers.add(descriptor.number());
        }
        return numbers;
    }

    private LinuxException start(Plan plan) {
        if (plan.program().length() > HostPath.MAXIMUM_LENGTH) {
            return new LinuxException("execve", plan.program().printable(), Errno.ENAMETOOLONG.code());
        }
        CompletableFuture<Integer> errno = new CompletableFuture<>();
        Progress progress = new Progress();
        Thread.ofPlatform().name("exec").start(() -> {
            try (Scratch scratch = pool.take()) {
                errno.complete(onThread(scratch, plan, progress));
            } catch (RuntimeException | Error e) {
                errno.completeExceptionally(e);
            }
        });
        int code = errno.join();
        return new LinuxException(progress.step.call, progress.step.subject(plan), code);
    }

    /** The step that failed. */
    private enum Step {
        CONTEXT("write"),
        RULESET("landlock_add_rule"),
        DESCRIPTORS("close_range"),
        RESTRICTION("landlock_restrict_self"),
        EXEC("execve");

        private final String call;

        Step(String call) {
            this.call = call;
        }

        String subject(Plan plan) {
            return this == CONTEXT
                    ? ThreadAttribute.EXEC.path().printable()
                    : plan.program().printable();
        }
    }

    private static final class Progress {
        private volatile Step step = Step.CONTEXT;
    }

    /**
     * Returns errno. A restricted thread may be unable to open a file, and so to load a class. So later code uses only
     * classes that are already loaded, and the waiting thread makes the exception.
     */
    private static int onThread(Scratch scratch, Plan plan, Progress progress) {
        List<Integer> opened = new ArrayList<>();
        int ruleset = NONE;
        try {
            if (plan.context().isPresent()) {
                ThreadAttribute.EXEC.set(scratch, plan.context().get());
            }
            progress.step = Step.RULESET;
            ruleset = plan.rules().isPresent() ? ruleset(scratch, plan.rules().get()) : NONE;
            progress.step = Step.DESCRIPTORS;
            closeOnExec();
            for (int number : plan.inherited()) {
                LibC.fcntl(number, Abi.Open.F_SETFD, 0);
                opened.add(number);
            }
            clearSignalMask(scratch);
            if (ruleset != NONE) {
                progress.step = Step.RESTRICTION;
                Landlock.restrict(ruleset);
            }
            progress.step = Step.EXEC;
            LibC.execve(
                    scratch.path(plan.program().bytes()),
                    plan.arguments().address(),
                    plan.environment().address());
            throw new IllegalStateException("execve returned without an error");
        } catch (LastErrorException e) {
            if (ruleset != NONE) {
                Calls.close(ruleset);
            }
            for (int number : opened) {
                LibC.fcntl(number, Abi.Open.F_SETFD, Abi.Open.FD_CLOEXEC);
            }
            return e.getErrorCode();
        }
    }

    private static int ruleset(Scratch scratch, List<LandlockRule> rules) throws LastErrorException {
        Landlock landlock = Landlock.ofThisKernel();
        if (landlock.version() == 0) {
            throw new LastErrorException(Errno.ENOSYS.code());
        }
        return landlock.ruleset(scratch, rules);
    }

    private static void closeOnExec() throws LastErrorException {
        try {
            LibC.syscall(
                    Abi.CallNumber.CLOSE_RANGE,
                    FIRST_BEYOND_STANDARD,
                    Abi.CloseRange.LAST,
                    Abi.CloseRange.CLOSE_RANGE_CLOEXEC,
                    0,
                    0);
        } catch (LastErrorException e) {
            // ENOSYS before Linux 5.9, EINVAL for the flag before 5.11.
            if (e.getErrorCode() != Errno.ENOSYS.code() && e.getErrorCode() != Errno.EINVAL.code()) {
                throw e;
            }
            closeOnExecOneByOne();
        }
    }

    /** For kernels without close_range(2): every descriptor that /proc/self/fd lists. */
    static void closeOnExecOneByOne() throws LastErrorException {
        String[] names = new java.io.File("/proc/self/fd").list();
        if (names == null) {
            throw new LastErrorException(Errno.EIO.code());
        }
        for (String name : names) {
            int number = Integer.parseInt(name);
            if (number >= FIRST_BEYOND_STANDARD) {
                try {
                    LibC.fcntl(number, Abi.Open.F_SETFD, Abi.Open.FD_CLOEXEC);
                } catch (LastErrorException e) {
                    // EBADF: the descriptor is closed by now, as is the listing's own.
                    if (e.getErrorCode() != Errno.EBADF.code()) {
                        throw e;
                    }
                }
            }
        }
    }

    private static void clearSignalMask(Scratch scratch) throws LastErrorException {
        for (int i = 0; i < Abi.Signal.SET_SIZE; i += Long.BYTES) {
            scratch.putLong(i, 0);
        }
        int error = LibC.pthread_sigmask(Abi.Signal.SIG_SETMASK, scratch.structure(), 0);
        if (error != 0) {
            throw new LastErrorException(error);
        }
    }

    /** A C array of strings, a null pointer at its end. */
    private static final class StringVector {
        private final Memory memory;

        StringVector(List<byte[]> strings) {
            long pointers = (strings.size() + 1L) * Long.BYTES;
            long size = pointers;
            for (byte[] string : strings) {
                size += string.length + 1L;
            }
            memory = new Memory(size);
            long at = pointers;
            for (int i = 0; i < strings.size(); i++) {
                byte[] string = strings.get(i);
                if (contains(string, (byte) 0)) {
                    throw new IllegalArgumentException("a NUL byte in argument or variable " + i + ": "
                            + new String(string, StandardCharsets.UTF_8).replace("\0", "\\0"));
                }
                memory.setLong((long) i * Long.BYTES, Pointer.nativeValue(memory) + at);
                memory.write(at, string, 0, string.length);
                memory.setByte(at + string.length, (byte) 0);
                at += string.length + 1L;
            }
            memory.setLong(pointers - Long.BYTES, 0);
        }

        private static boolean contains(byte[] bytes, byte sought) {
            for (byte b : bytes) {
                if (b == sought) {
                    return true;
                }
            }
            return false;
        }

        long address() {
            return Pointer.nativeValue(memory);
        }
    }
}
