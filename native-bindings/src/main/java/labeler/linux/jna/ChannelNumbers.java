package labeler.linux.jna;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.channels.NetworkChannel;

/**
 * The descriptor numbers of Java's own channels. The JDK has no public method for them, so the JVM must be started with
 * {@code --add-exports java.base/sun.nio.ch=ALL-UNNAMED} (or the program's main jar carry {@code Add-Exports:
 * java.base/sun.nio.ch} in its manifest).
 */
final class ChannelNumbers {
    private final MethodHandle numberOf;

    private ChannelNumbers(MethodHandle numberOf) {
        this.numberOf = numberOf;
    }

    static ChannelNumbers ofThisJdk() {
        try {
            Class<?> type = Class.forName("sun.nio.ch.SelChImpl");
            return new ChannelNumbers(
                    MethodHandles.lookup().findVirtual(type, "getFDVal", MethodType.methodType(int.class)));
        } catch (ClassNotFoundException | NoSuchMethodException e) {
            throw new UnsupportedOperationException("this JDK hides the descriptors of its channels in another way", e);
        } catch (IllegalAccessException e) {
            throw new UnsupportedOperationException(
                    "start java with --add-exports java.base/sun.nio.ch=ALL-UNNAMED to reach a channel's descriptor",
                    e);
        }
    }

    int numberOf(NetworkChannel channel) {
        try {
            return (int) numberOf.invoke(channel);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("getFDVal declares no exception", e);
        }
    }
}
