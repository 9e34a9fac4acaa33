package labeler.lifecycle;

import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanRequest;
import labeler.linux.HostPath;
import labeler.review.TrustOutcome;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/**
 * The service's whole business, one method for each thing that can be asked of it. Safe for use by many threads. A VM
 * that is not there is an empty answer.
 */
public interface VmLifecycle {
    /** What a start would do; changes nothing. */
    PlanOutcome plan(StartRequest request);

    StartOutcome start(StartRequest request);

    /**
     * Gives every file back what it had; the VM is gone afterwards, even if some files could not be reverted. One whose
     * process still runs stays, stopping, until that has ended.
     */
    default Optional<VmReport> stop(VmName name) {
        return stop(name, Optional.empty());
    }

    /**
     * As the other.
     *
     * @param last what libvirt says of its domain as it releases it: changes of headers that it knows of are its own, and what
     *     it labelled and left goes back, too
     */
    Optional<VmReport> stop(VmName name, Optional<VmDefinition> last);

    /**
     * Takes what the header of an image refers to now for good, whoever has written it, and so for the images below it.
     *
     * @param format as which it is read; empty to find out
     * @param dryRun whether only to show it
     */
    TrustOutcome trust(HostPath image, Optional<ImageFormat> format, boolean dryRun);

    /** Looks through part of a directory for labels with a pair that nobody holds. */
    ScanOutcome scan(ScanRequest request);

    /** A disk joins a running VM: its files are labelled or opened, then qemu is told. */
    Optional<AttachOutcome> attach(AttachRequest request);

    /** A disk leaves: qemu lets go of it, then its files get back what they had. */
    Optional<DetachOutcome> detach(DetachRequest request);

    Optional<VmView> status(VmName name);

    /** The names of all VMs, in their order; each is asked about by itself, since all of them at once may be too much. */
    List<VmName> names();

    /** All VMs, by name, each as it is when its turn comes. All of them in memory: where they may be many, {@link #names}. */
    default List<VmView> status() {
        return names().stream().map(this::status).flatMap(Optional::stream).toList();
    }

    /** How much is held, without a look at any of it. */
    Held held();

    /**
     * What is held just now.
     *
     * @param files of all VMs, each once for each VM
     */
    record Held(int vms, int files) {}

    /** Sets again the labels that were lost. */
    Optional<VmReport> relabel(VmName name, boolean dryRun);

    /** Compares disk, journal and kernel. */
    Optional<VmReport> verify(VmName name);

    /**
     * Which VM can reach which file.
     *
     * @param name the one VM to show, against the files of all; every VM where this is empty
     */
    MatrixOutcome matrix(Optional<VmName> name);

    /**
     * Finishes what a crash or a reboot left half done, and gives back labels that nobody holds.
     *
     * @param forgetLost whether to take files off the record that cannot be found, whatever label they may carry
     */
    RecoveryReport recover(boolean dryRun, boolean forgetLost);

    /** Whether what the last service left is given back or taken over, but for what a file system keeps from it. */
    boolean isRecovered();

    /** Waits until it is. */
    void awaitRecovery();
}
