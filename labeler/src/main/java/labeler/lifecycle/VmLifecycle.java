package labeler.lifecycle;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.chain.ImageFormat;
import labeler.leftover.Leftover;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanRequest;
import labeler.linux.HostPath;
import labeler.review.TrustOutcome;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/**
 * All that the service can be asked to do, one method for each request. Safe for use by many threads. The answer is
 * empty if the VM does not exist.
 */
public interface VmLifecycle {
    /** Shows the effects of a start; changes nothing. */
    PlanOutcome plan(StartRequest request);

    StartOutcome start(StartRequest request);

    /**
     * Where a VM runs that is about to come here, and whether it may. Changes nothing, and tells nobody.
     *
     * @param request as its start will be
     */
    ArrivalOutcome arrival(StartRequest request);

    /**
     * Gives back the earlier labels of all files. The VM is gone afterwards, even if some files could not be reverted.
     * A VM whose process still runs stays, stopping, until the process has ended.
     *
     * @param last the domain as libvirt describes it at its release; changes of headers that libvirt knows are its own,
     *     and labels that it set and left are reverted as well
     */
    Optional<VmReport> stop(VmName name, Optional<VmDefinition> last);

    /**
     * Ends a domain that libvirt has ended, or has not started, as {@link #stop(VmName, Optional)} does. A VM of that name that
     * somebody else has started is none of libvirt's, and stays as it is.
     *
     * @param last the domain as libvirt describes it
     */
    Optional<StopOutcome> release(VmName name, VmDefinition last);

    /** Ends a VM as {@link #stop(VmName, Optional)} does, unless its process runs and the request has another wish for that. */
    Optional<StopOutcome> stop(StopRequest request);

    /**
     * Trusts from now on the present references in the header of an image, and of the images below it.
     *
     * @param format to read it as; empty to find out
     * @param dryRun whether only to show the effects
     */
    TrustOutcome trust(HostPath image, Optional<ImageFormat> format, boolean dryRun);

    /**
     * Searches part of a directory for labels with a pair that nobody holds.
     *
     * @param mended hears of each file that gets another label, at once: the answer may never come. On any thread.
     */
    ScanOutcome scan(ScanRequest request, Consumer<Leftover> mended);

    /** A disk joins a running VM: its files are labelled or opened, then qemu is told. */
    Optional<AttachOutcome> attach(AttachRequest request);

    /** A disk leaves: qemu releases it, then its files get their earlier labels back. */
    Optional<DetachOutcome> detach(DetachRequest request);

    /** A guard takes the place of a running VM's monitor. */
    Optional<GuardOutcome> guard(GuardRequest request);

    Optional<VmView> status(VmName name);

    /** The names of all VMs, in order. Ask about each VM separately: the answer for all may be too large. */
    List<VmName> names();

    /** All VMs, by name, each at a different moment. If there may be too many for memory, use {@link #names}. */
    default List<VmView> status() {
        return names().stream().map(this::status).flatMap(Optional::stream).toList();
    }

    /** The numbers of VMs and files that are held, without their details. */
    Held held();

    /**
     * The numbers of VMs and files that are held now.
     *
     * @param files of all VMs; a file counts once for each VM
     */
    record Held(int vms, int files) {}

    /** Sets lost labels again. */
    Optional<VmReport> relabel(VmName name, boolean dryRun);

    /** Compares the disk, the journal and the kernel. */
    Optional<VmReport> verify(VmName name);

    /**
     * Which VM can reach which file.
     *
     * @param name the one VM to show, against the files of all; empty for every VM
     */
    MatrixOutcome matrix(Optional<VmName> name);

    /** Which of its own files a VM can reach. No other VM's file is looked at. */
    MatrixOutcome ownMatrix(VmName name);

    /**
     * Finishes work that a crash or a reboot interrupted, and gives back labels that nobody holds.
     *
     * @param forgetLost whether to take files off the record that cannot be found, whatever label they may carry
     */
    RecoveryReport recover(boolean dryRun, boolean forgetLost);

    /**
     * Replaces the tables of labels that are missing or damaged, of trees that no VM holds. The next recovery gives all of
     * such a tree the label that its root had.
     */
    void replaceLostTables();

    /** Whether the last service's VMs are given back or taken over, except on file systems that do not answer. */
    boolean isRecovered();

    /** Waits until the recovery is complete. */
    void awaitRecovery();
}
