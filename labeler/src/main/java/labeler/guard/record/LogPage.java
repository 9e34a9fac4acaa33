package labeler.guard.record;

import java.util.List;

/**
 * Some lines of the log.
 *
 * @param next where to go on
 * @param isEnd whether there was nothing more at the time
 * @param damaged lines that could not be read, and were skipped: a crash in the middle of a line leaves one
 */
public record LogPage(List<AuditLine> lines, Position next, boolean isEnd, long damaged) {
    public LogPage {
        lines = List.copyOf(lines);
    }
}
