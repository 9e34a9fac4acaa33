package labeler.host;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;

/**
 * The signals by which people and systemd end a command: the first is only noted, the second ends at once. The JDK's way
 * to take signals is in {@code sun.misc}, of which javac warns, so it is found by its name. Where it is missing, the
 * first signal ends the program, as usual.
 */
public final class TerminationSignals implements AutoCloseable {
    /** A shell's exit code for a program that a signal ends is the signal's number and this. */
    private static final int SIGNALLED = 128;

    /** With the numbers of signal(7). */
    private static final Map<String, Integer> SIGNALS = Map.of("HUP", 1, "INT", 2, "TERM", 15);

    private final IntConsumer second;
    private final Map<Object, Object> before = new LinkedHashMap<>();
    private Optional<Method> handle = Optional.empty();
    private int exitCode;

    private TerminationSignals(IntConsumer second) {
        this.second = second;
    }

    /**
     * Begins to take signals.
     *
     * @param second gets the exit code for the second signal, in a thread of its own
     */
    public static TerminationSignals taken(IntConsumer second) {
        TerminationSignals signals = new TerminationSignals(second);
        try {
            signals.take();
        } catch (ClassNotFoundException e) {
            // This JDK has no module jdk.unsupported.
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("signals cannot be taken", e);
        }
        return signals;
    }

    private void take() throws ReflectiveOperationException {
        Class<?> signalType = Class.forName("sun.misc.Signal");
        Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
        Method method = signalType.getMethod("handle", signalType, handlerType);
        handle = Optional.of(method);
        MethodHandle come = MethodHandles.lookup().bind(this, "come", MethodType.methodType(void.class, int.class));
        for (Map.Entry<String, Integer> named : SIGNALS.entrySet()) {
            Object signal = signalType.getConstructor(String.class).newInstance(named.getKey());
            MethodHandle handler = MethodHandles.dropArguments(
                    MethodHandles.insertArguments(come, 0, SIGNALLED + named.getValue()), 0, signalType);
            try {
                before.put(
                        signal,
                        method.invoke(null, signal, MethodHandleProxies.asInterfaceInstance(handlerType, handler)));
            } catch (InvocationTargetException e) {
                // This process was started with -Xrs, or the JVM itself uses the signal: it stays as it is.
            }
        }
    }

    /** Called by the JVM, in a thread for each signal. */
    @SuppressWarnings("unused") // found by its name
    private void come(int code) {
        boolean isSecond;
        synchronized (this) {
            isSecond = exitCode != 0;
            exitCode = isSecond ? exitCode : code;
        }
        if (isSecond) {
            second.accept(code);
        }
    }

    /** Whether one has come. */
    public boolean isRaised() {
        return exitCode() != 0;
    }

    /** The exit code that the first one asks for; 0 if none has come. */
    public synchronized int exitCode() {
        return exitCode;
    }

    /** Gives the signals back. */
    @Override
    public void close() {
        try {
            for (Map.Entry<Object, Object> taken : before.entrySet()) {
                handle.orElseThrow().invoke(null, taken.getKey(), taken.getValue());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("signals cannot be given back", e);
        }
    }
}
