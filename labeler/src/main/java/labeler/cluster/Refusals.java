package labeler.cluster;

import java.util.Map;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;

/** Refusals of the registry as problems of a VM. */
final class Refusals {
    private Refusals() {}

    /** @param paths the names that the VM has for its files */
    static Problem problem(Refusal refusal, Map<SharedFile, HostPath> paths) {
        return switch (refusal) {
            case Refusal.InUse inUse -> of(Problem.Kind.IN_USE, inUse.file(), refusal, paths);
            case Refusal.Busy busy -> of(Problem.Kind.IN_USE, busy.file(), refusal, paths);
            case Refusal.PairTaken _ -> Problem.of(Problem.Kind.LEVEL_IN_USE, refusal.message());
            case Refusal.NoFreePair _ -> Problem.of(Problem.Kind.NO_FREE_PAIR, refusal.message());
            case Refusal.VmOnRecord _ -> Problem.of(Problem.Kind.ALREADY_RUNNING, refusal.message());
            case Refusal.NotMoving _, Refusal.Contended _ -> Problem.of(Problem.Kind.IN_USE, refusal.message());
            case Refusal.Unmet _, Refusal.ShutOut _, Refusal.Silent _, Refusal.NotUnderstood _ ->
                Problem.of(Problem.Kind.NO_REGISTRY, refusal.message());
        };
    }

    private static Problem of(Problem.Kind kind, SharedFile file, Refusal refusal, Map<SharedFile, HostPath> paths) {
        HostPath path = paths.get(file);
        return path == null ? Problem.of(kind, refusal.message()) : Problem.of(kind, path, refusal.message());
    }
}
