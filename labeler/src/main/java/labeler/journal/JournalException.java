package labeler.journal;

import java.io.IOException;

/** The journal could not be read or written; whatever was to be recorded has not happened. */
public final class JournalException extends IOException {
    public JournalException(String message, Throwable cause) {
        super(message, cause);
    }

    public JournalException(String message) {
        super(message);
    }
}
