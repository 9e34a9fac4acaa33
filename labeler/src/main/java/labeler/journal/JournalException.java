package labeler.journal;

import java.io.IOException;

/** The journal could not be read or written; the record was not made. */
public final class JournalException extends IOException {
    public JournalException(String message, Throwable cause) {
        super(message, cause);
    }

    public JournalException(String message) {
        super(message);
    }
}
