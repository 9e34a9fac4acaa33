package labeler.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.pattern.ClassicConverter;
import ch.qos.logback.classic.spi.ILoggingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The priority in front of a log line: {@code <4>} where journald reads it (sd-daemon(3)), a word where people do. */
public final class Priority extends ClassicConverter {
    private final boolean isJournal;

    /** For this process's standard error. Made by logback. */
    public Priority() {
        this(isJournal(System.getenv(), Path.of("/proc/self/fd/2")));
    }

    private Priority(boolean isJournal) {
        this.isJournal = isJournal;
    }

    @Override
    public String convert(ILoggingEvent event) {
        return text(event.getLevel(), isJournal);
    }

    static String text(Level level, boolean isJournal) {
        return switch (level.toInt()) {
            case Level.ERROR_INT -> isJournal ? "<3>" : "error: ";
            case Level.WARN_INT -> isJournal ? "<4>" : "warning: ";
            case Level.INFO_INT -> isJournal ? "<6>" : "";
            default -> isJournal ? "<7>" : "debug: ";
        };
    }

    /**
     * Whether journald reads this descriptor. systemd names its device and inode in {@code JOURNAL_STREAM}
     * (systemd.exec(5)): a program whose output was sent elsewhere has inherited the variable all the same.
     */
    static boolean isJournal(Map<String, String> environment, Path descriptor) {
        Optional<String> stream = Optional.ofNullable(environment.get("JOURNAL_STREAM"));
        try {
            String here = stream.isEmpty()
                    ? ""
                    : Files.getAttribute(descriptor, "unix:dev") + ":" + Files.getAttribute(descriptor, "unix:ino");
            return stream.isPresent() && stream.get().equals(here);
        } catch (IOException e) {
            return false;
        }
    }
}
