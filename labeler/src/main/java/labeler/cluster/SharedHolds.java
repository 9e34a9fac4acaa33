package labeler.cluster;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.FileUse;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.plan.HeldFile;
import labeler.plan.HeldFiles;
import labeler.registry.Claim;
import labeler.registry.SharedFile;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * The files that are held, with those of other hosts that a VM has just joined.
 *
 * @param here what this host alone knows
 * @param wereGoingBack files that this host itself was about to give back
 */
record SharedHolds(
        HeldFiles here, Claim claim, Map<FileIdentity, SharedWishes.Shared> files, Set<SharedFile> wereGoingBack)
        implements HeldFiles {
    @Override
    public Optional<HeldFile> find(FileIdentity identity) {
        Optional<HeldFile> own = here.find(identity);
        SharedWishes.Shared shared = files.get(identity);
        if (shared == null) {
            return own;
        }
        Claim.JoinedFile joined = claim.joined().get(shared.file());
        return joined == null ? own : Optional.of(joined(own, shared, joined));
    }

    private HeldFile joined(Optional<HeldFile> own, SharedWishes.Shared shared, Claim.JoinedFile joined) {
        Set<StoredLabel> ours = new HashSet<>(joined.earlier());
        joined.applied().ifPresent(ours::add);
        own.ifPresent(file -> ours.addAll(file.ours()));
        // An exclusive file that was joined is the VM's own: it holds it already, or it is on its way here.
        boolean isElsewhere = shared.wish().sharing().allowsOthers() && !wereGoingBack.contains(shared.file());
        return new HeldFile(
                shared.wish().sharing(),
                own.map(HeldFile::holders).orElse(List.of()),
                joined.original(),
                ours,
                isElsewhere);
    }

    @Override
    public List<HeldFile> otherNodes(long device, FileIdentity node) {
        return here.otherNodes(device, node);
    }

    @Override
    public boolean knowsLabels() {
        return here.knowsLabels();
    }

    @Override
    public boolean areOfOneVm() {
        return here.areOfOneVm();
    }

    @Override
    public List<FileUse> own(FileIdentity identity) {
        return here.own(identity);
    }

    @Override
    public Optional<VmName> around(HostPath realPath, boolean isTree) {
        return here.around(realPath, isTree);
    }

    @Override
    public Optional<VmName> maker(HostPath name) {
        return here.maker(name);
    }
}
