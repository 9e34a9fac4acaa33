package labeler.server;

import ch.qos.logback.classic.pattern.ThrowableHandlingConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import labeler.linux.Printable;
import org.jspecify.annotations.Nullable;

/** The exception of a log line with its causes. Each message is on one line, with any names in it. */
public final class PrintableTrace extends ThrowableHandlingConverter {
    /** The longest chain of causes; more is work for a debugger. */
    private static final int MOST_CAUSES = 8;

    @Override
    public String convert(ILoggingEvent event) {
        StringBuilder out = new StringBuilder();
        @Nullable IThrowableProxy thrown = event.getThrowableProxy();
        for (int i = 0; thrown != null && i < MOST_CAUSES; i++) {
            out.append(i == 0 ? "" : "Caused by: ").append(thrown.getClassName());
            if (thrown.getMessage() != null) {
                out.append(": ").append(Printable.text(thrown.getMessage()));
            }
            out.append('\n');
            for (StackTraceElementProxy element : thrown.getStackTraceElementProxyArray()) {
                out.append('\t').append(element.getSTEAsString()).append('\n');
            }
            thrown = thrown.getCause();
        }
        return out.toString();
    }
}
