package labeler.server;

import ch.qos.logback.classic.pattern.MessageConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import labeler.linux.Printable;
import org.jspecify.annotations.Nullable;

/** The message of a log line: on one line and plainly visible, with any names in it. */
public final class PrintableMessage extends MessageConverter {
    @Override
    public String convert(ILoggingEvent event) {
        @Nullable String message = event.getFormattedMessage();
        return message == null ? "" : Printable.text(message);
    }
}
