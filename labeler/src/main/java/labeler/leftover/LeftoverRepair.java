package labeler.leftover;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import labeler.apply.Labels;
import labeler.apply.Reverter;
import labeler.fileset.FileSet;
import labeler.journal.FileRecord;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.plan.HeldFiles;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.selinux.VirtualContexts;
import labeler.vm.VmName;

/**
 * Mends the labels that libvirt leaves on the disk when a domain ends. libvirt labels files that a running VM takes (a
 * snapshot's overlay, the base of a commit, a medium), tells nobody, and reverts only some of them. Every file with the
 * ended VM's own pair was the VM's, whoever set the label.
 *
 * <p>Reads and sets labels without the lock; changes nothing once the VM is off the record.
 *
 * @param reverter finds recorded files
 */
public record LeftoverRepair(
        Linux linux,
        Labels labels,
        Reverter reverter,
        VirtualContexts contexts,
        DirectoryPolicy policy,
        OtherDomains others) {
    /**
     * Gives each file that the VM leaves behind its original label if that is on record, and otherwise the label of its
     * directory's policy. A file with only a label of ours stays as it is: the end of the VM gives that back.
     *
     * @param last the files of the VM as its manager last knew them
     * @param named files that the manager itself names; the others are from headers, which the VM may have written
     * @param record asked again for each file
     */
    public List<RepairResult> of(EndedVm vm, FileSet last, Set<HostPath> named, OnRecord record) {
        return new LeftoverRepairRun(this, vm, record, LeftoverRepairRun.Word.TOLD).run(last, named);
    }

    /**
     * Gives one file of its record its original label, if the manager has left it with the VM's pair or with a label that it
     * gives to files for all. Here the VM may run still, without this file.
     */
    public List<RepairResult> of(EndedVm vm, FileRecord record, OpenedFile file, OnRecord others) {
        return new LeftoverRepairRun(this, vm, others, LeftoverRepairRun.Word.TOLD).run(file, record);
    }

    /**
     * The same at an end of which the manager does not tell. Then only the VM's pair and the label for content are the
     * manager's. Any other label may as well be an administrator's, given by hand or by {@code restorecon}, and stays.
     */
    public List<RepairResult> untold(EndedVm vm, FileRecord record, OpenedFile file, OnRecord others) {
        return new LeftoverRepairRun(this, vm, others, LeftoverRepairRun.Word.UNTOLD).run(file, record);
    }

    /** Whether the file has the VM's own pair now. */
    public boolean hasPairOf(EndedVm vm, OpenedFile file) throws LinuxException {
        return labels.get(file).flatMap(StoredLabel::level).equals(Optional.of(vm.level()));
    }

    /** Whether another running domain of libvirt's than this one names the file, or that cannot be known. */
    public boolean mayBeUsedBeside(VmName one, OpenedFile file) {
        return elsewhere(one).mayUse(file.identity());
    }

    Elsewhere elsewhere(VmName one) {
        return Elsewhere.of(one, others, contexts);
    }

    /**
     * The present records.
     *
     * @param isStill whether the VM is on record, as far as the caller can say; if not, no more labels are set
     * @param beside asked before a label goes that other hosts may need: the VM may live on there
     */
    public record OnRecord(HeldFiles files, BooleanSupplier isStill, HostsBeside beside) {}

    /** Whether libvirt gives this label to files that VMs read, or write together: it never reverts these. */
    boolean isForAll(StoredLabel label) {
        return isLike(label, contexts.content()) || isLike(label, contexts.image());
    }

    /** Whether it is the very label that libvirt gives to files which VMs read. */
    boolean isContent(StoredLabel label) {
        return label.equals(StoredLabel.of(contexts.content()));
    }

    /** Whether type and level are the same. The user is that of libvirt's daemon, which need not be the policy's. */
    static boolean isLike(StoredLabel label, SecurityContext context) {
        Optional<SecurityContext> found = label.context();
        return found.isPresent()
                && found.get().type().equals(context.type())
                && found.get().level().equals(context.level());
    }
}
