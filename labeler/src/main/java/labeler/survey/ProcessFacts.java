package labeler.survey;

import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;

/**
 * A qemu that runs.
 *
 * @param user as whom it opens files
 * @param context by SELinux; empty where that is not active, or nobody could tell
 * @param writing the files that it has open for writing, by device and inode; empty if nobody could tell
 */
public record ProcessFacts(
        Pid pid, int user, ProcessWall wall, Optional<SecurityContext> context, Set<FileIdentity> writing) {
    public ProcessFacts {
        writing = Set.copyOf(writing);
    }

    /** Its category pair, with the sensitivity. */
    Optional<Level> level() {
        return context.flatMap(found -> Level.parse(found.level()));
    }
}
