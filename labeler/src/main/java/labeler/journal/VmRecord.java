package labeler.journal;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.fileset.External;
import labeler.linux.HostPath;
import labeler.linux.ProcessIdentity;
import labeler.plan.VmContexts;
import labeler.vm.StartedBy;
import labeler.vm.VmName;

/**
 * A VM that holds files.
 *
 * @param process its process, if somebody told; the VM ends with it
 * @param confinement the mechanisms that were to confine its process
 * @param files those of its start, and those that joined while it ran; a file may be there more than once
 * @param disks that joined while it ran
 */
public record VmRecord(
        VmName name,
        Phase phase,
        VmContexts contexts,
        Optional<ProcessIdentity> process,
        Confinement confinement,
        List<FileHold> files,
        List<External> external,
        List<DiskRecord> disks,
        Start start) {

    /**
     * The confinement of a VM, as its start reported it.
     *
     * @param selinux whether SELinux enforced, and the process was to run at the VM's context
     * @param landlock whether the process was to put a Landlock ruleset around itself
     */
    public record Confinement(boolean selinux, boolean landlock) {}

    /**
     * How a VM was started.
     *
     * @param bootId of the boot in which it started: no VM outlives that
     * @param by the command or the hook
     * @param directory of its process then, if names on its command line are relative to that
     */
    public record Start(String bootId, StartedBy by, Optional<HostPath> directory) {}

    /** The phase of the VM. */
    public enum Phase {
        /** Its labels are being set; if nobody continues, they go back. */
        STARTING,
        RUNNING,
        /** Its labels are being given back; if nobody continues, the next service does. */
        STOPPING
    }

    public VmRecord {
        files = List.copyOf(files);
        external = List.copyOf(external);
        disks = List.copyOf(disks);
    }

    public boolean landlock() {
        return confinement.landlock();
    }

    public StartedBy startedBy() {
        return start.by();
    }

    public VmRecord with(Phase next) {
        return new VmRecord(name, next, contexts, process, confinement, files, external, disks, start);
    }

    /** The record with a process that became known later. */
    public VmRecord runBy(ProcessIdentity known) {
        return new VmRecord(name, phase, contexts, Optional.of(known), confinement, files, external, disks, start);
    }

    public Optional<DiskRecord> disk(String wanted) {
        return disks.stream().filter(disk -> disk.name().equals(wanted)).findFirst();
    }

    /** The record with one more disk and its files. */
    public VmRecord joinedBy(DiskRecord disk, List<FileHold> holds) {
        return with(
                Stream.concat(files.stream(), holds.stream()).toList(),
                Stream.concat(disks.stream(), Stream.of(disk)).toList());
    }

    /** The record if qemu has all of these disks. */
    public VmRecord having(Predicate<DiskRecord> joined) {
        return with(
                files,
                disks.stream()
                        .map(disk -> joined.test(disk) ? disk.joined() : disk)
                        .toList());
    }

    /** Whether a hold is that of a disk of which qemu may not have heard yet. */
    public boolean isJoining(FileHold hold) {
        return hold.disk()
                .filter(name -> disk(name).filter(DiskRecord::hasJoined).isEmpty())
                .isPresent();
    }

    /** The record without a disk and the files that joined with it. */
    public VmRecord without(DiskRecord disk) {
        return with(
                files.stream().filter(hold -> !hold.isOf(disk)).toList(),
                disks.stream()
                        .filter(other -> !other.name().equals(disk.name()))
                        .toList());
    }

    /** The record with these holds in place of all that it has. */
    public VmRecord holding(List<FileHold> holds) {
        return with(holds, disks);
    }

    private VmRecord with(List<FileHold> held, List<DiskRecord> joined) {
        return new VmRecord(name, phase, contexts, process, confinement, held, external, joined, start);
    }
}
