package labeler.api;

import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import labeler.json.LeftOut;
import labeler.lifecycle.VmState;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.vm.VmName;

/**
 * A VM in a brief list: without its files, which are most of an answer.
 *
 * @param fileCount how many files it has
 */
public record BriefVm(
        VmName vm,
        VmState state,
        Optional<Pid> pid,
        Level level,
        Set<Wall> walls,
        long fileCount,
        @LeftOut Optional<Instant> since) {
    public BriefVm {
        walls = Set.copyOf(walls);
    }

    public static BriefVm of(VmView vm) {
        return new BriefVm(
                vm.vm(),
                vm.state(),
                vm.pid(),
                vm.level(),
                vm.walls(),
                vm.files().size(),
                vm.since());
    }
}
