package labeler.guard.record;

import labeler.linux.HostPath;
import labeler.vm.UseAccess;

/**
 * A change of what a VM holds, or of the label that follows from it.
 *
 * @param access the access of the hold; of one that is released, the access that it had
 * @param reason of the hold: {@code node top}, {@code job j base}
 */
public record HoldChange(Change change, HostPath path, UseAccess access, String reason) {
    /** The kind of the change. Its word in JSON is its name in lower case. */
    public enum Change {
        TAKEN,
        RELEASED
    }

    public HoldChange {
        reason = Bounds.text(reason, Bounds.SHORT_TEXT);
    }
}
