package labeler.journal;

import java.util.List;
import java.util.Optional;
import labeler.fileset.External;
import labeler.linux.ProcessIdentity;
import labeler.plan.VmContexts;
import labeler.vm.VmName;

/**
 * A VM that holds files.
 *
 * @param process its process, if somebody told; its end is the VM's
 * @param landlock whether its process has put a Landlock ruleset around itself
 * @param bootId of the boot in which it started: no VM outlives that
 */
public record VmRecord(
        VmName name,
        Phase phase,
        VmContexts contexts,
        Optional<ProcessIdentity> process,
        boolean landlock,
        String bootId,
        List<FileHold> files,
        List<External> external) {

    /** How far it has come. */
    public enum Phase {
        /** Its labels are being set; if nobody goes on with it, they go back. */
        STARTING,
        RUNNING,
        /** Its labels are being given back; if nobody goes on with it, the next service does. */
        STOPPING
    }

    public VmRecord {
        files = List.copyOf(files);
        external = List.copyOf(external);
    }

    public VmRecord with(Phase next) {
        return new VmRecord(name, next, contexts, process, landlock, bootId, files, external);
    }
}
