package labeler.guard.record;

import labeler.linux.HostPath;
import labeler.vm.UseAccess;

/**
 * A file that a command or an event is about.
 *
 * @param purpose what it is for, in a few words: {@code node top}, {@code base of job j}
 */
public record AuditFile(HostPath path, UseAccess access, String purpose) {
    public AuditFile {
        purpose = Bounds.text(purpose, Bounds.SHORT_TEXT);
    }
}
