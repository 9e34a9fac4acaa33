package labeler.leftover;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import labeler.apply.Labels;
import labeler.apply.Reverter;
import labeler.fileset.FileSet;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.plan.HeldFiles;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.selinux.VirtualContexts;

/**
 * What libvirt leaves on the disk when a domain ends: it labels what a running VM takes up (a snapshot's overlay, the base
 * of a commit, a medium), tells nobody, and takes back but a part of it. All that carries the ended VM's own pair was the
 * VM's, whoever set it.
 *
 * <p>Looks and sets under no lock, and nothing once the VM is not on record any more.
 *
 * @param reverter finds recorded files
 */
public record Aftermath(
        Linux linux,
        Labels labels,
        Reverter reverter,
        VirtualContexts contexts,
        DirectoryPolicy policy,
        LibvirtFiles libvirt) {
    /**
     * Gives each file that the VM leaves behind its original where it is on record, and what its directory's policy says
     * where it is not. What only carries a label of ours stays as it is: whoever ends the VM gives that back.
     *
     * @param last the files of the VM as its manager last knew them
     * @param named those that the manager itself names: the rest is what headers say, which the VM may have written
     * @param record asked for each file anew
     */
    public List<Mended> of(EndedVm vm, FileSet last, Set<HostPath> named, OnRecord record) {
        return new AftermathOfOne(this, vm, record).run(last, named);
    }

    /**
     * What is on record just now.
     *
     * @param isStill whether the VM is, as far as whoever asks for this can say: if not, nothing more is set
     */
    public record OnRecord(HeldFiles files, BooleanSupplier isStill) {}

    /** Whether this is what libvirt gives files that VMs read, or write together: it never takes these back. */
    boolean isForAll(StoredLabel label) {
        return isLike(label, contexts.content()) || isLike(label, contexts.image());
    }

    /** The same type and level. The user is that of libvirt's daemon, which need not be the policy's. */
    static boolean isLike(StoredLabel label, SecurityContext context) {
        Optional<SecurityContext> found = label.context();
        return found.isPresent()
                && found.get().type().equals(context.type())
                && found.get().level().equals(context.level());
    }
}
