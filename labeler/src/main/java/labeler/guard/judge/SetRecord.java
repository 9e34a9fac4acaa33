package labeler.guard.judge;

import java.util.Map;
import java.util.Set;
import labeler.journal.GuardSet;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.lifecycle.follow.FollowedFiles;
import labeler.lifecycle.follow.VmRun;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The descriptor sets of a VM on record, for the next service. */
record SetRecord(VmRun run, FollowedFiles files, Journal journal) {
    private static final Logger LOG = LoggerFactory.getLogger(SetRecord.class);

    /** Without the record the next service would not know the file of a node; this one does. */
    void has(long number, GuardSet set) {
        if (files.vm(run).isEmpty()) {
            return;
        }
        try {
            journal.recordSets(run.name(), Map.of(number, set));
        } catch (JournalException e) {
            LOG.error("VM {}: descriptor set {} is not on record: {}", run.name(), number, e.getMessage());
        }
    }

    /**
     * Sets are no more.
     *
     * @return whether they are off the record
     */
    boolean forgets(Set<Long> numbers) {
        if (files.vm(run).isEmpty()) {
            return true;
        }
        try {
            journal.removeSets(run.name(), numbers);
            return true;
        } catch (JournalException e) {
            LOG.error("VM {}: descriptor sets stay on record that are no more: {}", run.name(), e.getMessage());
            return false;
        }
    }
}
