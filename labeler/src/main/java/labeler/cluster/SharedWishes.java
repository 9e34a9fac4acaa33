package labeler.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import labeler.config.ClusterConfig;
import labeler.lifecycle.hold.OtherHosts.Wish;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.plan.VmContexts;
import labeler.problem.Problem;
import labeler.registry.SharedFile;
import labeler.registry.WantedFile;
import labeler.selinux.CategoryPair;
import labeler.selinux.StoredLabel;
import labeler.storage.MountedStorages;
import labeler.storage.Place;

/**
 * Those of a VM's files that lie on storage which other hosts mount.
 *
 * @param files by their identity on this host
 * @param problems files of which that cannot be told, or which nobody may use so
 */
record SharedWishes(Map<FileIdentity, Shared> files, List<Problem> problems) {
    /** A file on shared storage, as one VM wants it. */
    record Shared(SharedFile file, String path, Wish wish) {}

    static SharedWishes of(List<Wish> wishes, MountedStorages storages, ClusterConfig.Unregistered unregistered) {
        Map<FileIdentity, Shared> files = new LinkedHashMap<>();
        List<Problem> problems = new ArrayList<>();
        for (Wish wish : wishes) {
            try {
                switch (storages.of(wish.opened())) {
                    case Place.Local() -> {}
                    case Place.Shared(SharedFile file, String path) -> {
                        files.put(wish.opened().identity(), new Shared(file, path, wish));
                        unfit(wish).ifPresent(problems::add);
                    }
                    case Place.Unregistered(String type) -> {
                        if (unregistered == ClusterConfig.Unregistered.REFUSE) {
                            problems.add(refused(
                                    wish,
                                    "it lies on a shared file system (" + type
                                            + ") that is no registered storage; run labeler cluster storage add NAME PATH, or"
                                            + " set cluster.unregistered = \"local\" if no other host uses it"));
                        }
                    }
                    case Place.AnotherRoot(var name) ->
                        problems.add(
                                refused(
                                        wish,
                                        "it lies on the file system of storage " + name
                                                + ", which is mounted here with another root; mount what the other hosts mount"));
                    case Place.Nameless(var name) ->
                        problems.add(refused(
                                wish,
                                "storage " + name
                                        + " has no handle for it that other hosts would know; put it elsewhere"));
                    case Place.Unclear(String why) -> problems.add(refused(wish, why));
                }
            } catch (LinuxException e) {
                problems.add(Problem.of(
                        Problem.Kind.UNREADABLE,
                        wish.file().path(),
                        Place.Unclear.because(e) + "; labeler cluster status shows the storages"));
            }
        }
        return new SharedWishes(files, problems);
    }

    /** Hosts agree on files one by one, and nobody knows which files a tree will have. */
    private static Optional<Problem> unfit(Wish wish) {
        return wish.file().isTree()
                ? Optional.of(refused(
                        wish, "a directory that a guest gets cannot lie on storage of several hosts; give it a disk"))
                : Optional.empty();
    }

    private static Problem refused(Wish wish, String message) {
        return Problem.of(Problem.Kind.UNSUPPORTED, wish.file().path(), message);
    }

    /**
     * Has the kernel learn the labels of all files, once they are claimed: from then on no other host changes them.
     *
     * @return the reason why one cannot be learned
     */
    Optional<Problem> learned(MountedStorages storages) {
        for (Shared one : files.values()) {
            try {
                storages.refresh(one.wish().opened());
            } catch (LinuxException e) {
                return Optional.of(Problem.of(
                        Problem.Kind.UNREADABLE,
                        one.wish().file().path(),
                        "its server does not say its label (" + e.getMessage() + ")"));
            }
        }
        return Optional.empty();
    }

    boolean isEmpty() {
        return files.isEmpty();
    }

    /** The claims, each file once. */
    List<WantedFile> wanted(Function<CategoryPair, VmContexts> contexts) {
        Map<SharedFile, WantedFile> wanted = new LinkedHashMap<>();
        files.values().forEach(one -> wanted.putIfAbsent(one.file(), wanted(one, contexts)));
        return List.copyOf(wanted.values());
    }

    private static WantedFile wanted(Shared one, Function<CategoryPair, VmContexts> contexts) {
        Function<CategoryPair, Optional<StoredLabel>> label = one.wish().isLabelled()
                ? pair -> Optional.of(StoredLabel.of(
                        contexts.apply(pair).forSharing(one.wish().sharing())))
                : _ -> Optional.empty();
        return new WantedFile(one.file(), one.path(), one.wish().sharing(), label);
    }

    /** The names that the VM has for them. */
    Map<SharedFile, HostPath> paths() {
        Map<SharedFile, HostPath> paths = new HashMap<>();
        files.values().forEach(one -> paths.put(one.file(), one.wish().file().path()));
        return paths;
    }
}
