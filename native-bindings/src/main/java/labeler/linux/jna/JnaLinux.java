package labeler.linux.jna;

import java.util.function.Supplier;
import labeler.linux.AuditGroup;
import labeler.linux.Linux;

/**
 * The real kernel. Making one costs nothing: JNA and its native part are loaded by the first call that needs them. Start
 * java with {@code --enable-native-access=ALL-UNNAMED}, and with {@code --add-exports java.base/sun.nio.ch=ALL-UNNAMED}
 * if {@link labeler.linux.UnixSockets} is used; {@code Enable-Native-Access} and {@code Add-Exports} in a manifest do
 * the same, but only in that of the main jar. With {@code -Djna.nounpack=true -Djna.boot.library.path=…} JNA need not
 * write its native part to disk at each start.
 *
 * <p>Make only one in a process: it keeps two descriptors of procfs open for ever. It is thread-safe. Calls that wait
 * ({@code awaitExit}, {@code receive}) block the carrier of a virtual thread: make them on a platform thread.
 */
public final class JnaLinux {
    /** How paths are resolved. */
    enum Resolution {
        /** By openat2(2), or step by step if the kernel does not have it. */
        BEST,
        /** Always step by step: for tests. */
        STEP_BY_STEP
    }

    private JnaLinux() {}

    /**
     * The kernel that this process runs on.
     *
     * @throws UnsupportedOperationException on an architecture other than x86-64 and AArch64
     */
    public static Linux create() {
        return create(Resolution.BEST);
    }

    static Linux create(Resolution resolution) {
        Calls calls = new Calls(Arch.named(System.getProperty("os.arch", "")), resolution == Resolution.BEST);
        ScratchPool pool = new ScratchPool();
        ProcDescriptors descriptors = new ProcDescriptors(calls);
        Resolver resolver = new Resolver(calls, new PathWalk(calls));
        Opening opening = new Opening(calls, pool, descriptors);
        JnaProcesses processes = new JnaProcesses(pool);
        return new Linux(
                new JnaSafeOpen(calls, pool, resolver, descriptors, opening),
                new JnaFileHandles(calls, pool, descriptors, opening),
                new JnaAttributes(calls, pool),
                new JnaFileSystems(calls, pool),
                new JnaDirectoryEntries(calls, pool, descriptors, opening),
                processes,
                new JnaExec(pool),
                new JnaUnixSockets(pool, processes, new Once<>(ChannelNumbers::ofThisJdk), AncillaryData.MAXIMUM),
                new JnaFileUsers());
    }

    /** The kernel's audit. */
    public static AuditGroup audit() {
        return new JnaAuditGroup(new ScratchPool());
    }

    /** Computes a value when it is first asked for. */
    private static final class Once<T> implements Supplier<T> {
        private final Supplier<T> source;
        private java.util.Optional<T> value = java.util.Optional.empty();

        Once(Supplier<T> source) {
            this.source = source;
        }

        @Override
        public synchronized T get() {
            if (value.isEmpty()) {
                value = java.util.Optional.of(source.get());
            }
            return value.get();
        }
    }
}
