package labeler.cluster;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.apply.Reverter;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.OtherHosts;
import labeler.linux.OpenedFile;
import labeler.registry.Refusal;
import labeler.selinux.Level;

/** The other hosts of a cluster, by its registry. */
record ClusterHosts(
        RegistryLink link,
        Claimant claimant,
        SharedReturns returns,
        Upkeep upkeep,
        OtherHolders holders,
        OtherUsers users)
        implements OtherHosts {
    @Override
    public boolean isAlone() {
        return false;
    }

    @Override
    public void begin() {
        Optional<Refusal> _ = link.begin();
        upkeep.start();
    }

    @Override
    public boolean isReachable() {
        return link.isReachable();
    }

    @Override
    public Answer start(Newcomer vm) {
        return claimant.start(vm);
    }

    @Override
    public Whereabouts whereabouts(Newcomer vm) {
        return claimant.whereabouts(vm);
    }

    @Override
    public Optional<String> mayNeed(OpenedFile file, Level level) {
        return users.mayNeed(file, level);
    }

    @Override
    public Optional<String> notHeld(OpenedFile file) {
        return users.notHeld(file);
    }

    @Override
    public Answer join(VmRecord vm, List<Wish> files) {
        return claimant.join(vm, files);
    }

    @Override
    public void leave(VmRecord vm) {
        Optional<Refusal> _ = returns.leaveAll(vm);
    }

    @Override
    public void leave(VmRecord vm, Collection<FileRecord> files) {
        returns.leave(vm, files);
    }

    @Override
    public void ended(VmRecord vm) {
        Optional<Refusal> _ = returns.end(returns.name(vm));
    }

    @Override
    public Reverter.Passage passage(FileRecord record, OpenedFile file) {
        return returns.passage(record, file);
    }

    @Override
    public Set<Long> settled(Collection<FileRecord> files) {
        return returns.settled(files);
    }

    @Override
    public boolean takeNews() {
        return returns.takeNews();
    }

    @Override
    public Optional<Elsewhere> elsewhere(FileRecord record) {
        return holders.of(record);
    }

    @Override
    public void close() {
        upkeep.close();
    }
}
