package labeler.lifecycle.hold;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.apply.Reverter;
import labeler.fileset.VmFile;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.plan.LevelWish;
import labeler.linux.FileIdentity;
import labeler.linux.OpenedFile;
import labeler.plan.HeldFiles;
import labeler.plan.LabelState;
import labeler.plan.Planner;
import labeler.plan.Sharing;
import labeler.plan.VmContexts;
import labeler.problem.Problem;
import labeler.registry.HostName;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * Hosts that share storage with this one. A VM asks them before it takes files, and so before the lock: their answer may
 * take seconds. No method is called with the lock held. The order is claim, read the labels, record them, set them.
 */
public interface OtherHosts extends AutoCloseable {
    /** Whether there are none, so that nobody needs to ask. */
    boolean isAlone();

    /** Begins, or leaves that to later if they cannot be reached. */
    void begin();

    @Override
    void close();

    /** Asks for a level and for files. */
    Answer start(Newcomer vm);

    /** Where a VM runs that is about to arrive. Nobody is told of it: its start asks again. */
    Whereabouts whereabouts(Newcomer vm);

    /** Asks for more files for a VM that runs. */
    Answer join(VmRecord vm, List<Wish> files);

    /** The VM's process has ended: it leaves all of its files. If nobody answers, that is done later. */
    void leave(VmRecord vm);

    /** The VM has these files open no more, and no other VM of this host has. */
    void leave(VmRecord vm, Collection<FileRecord> files);

    /** The VM is off the record here. */
    void ended(VmRecord vm);

    /** Whether the label of a file may go back, which nobody holds here. */
    Reverter.Passage passage(FileRecord record, OpenedFile file);

    /**
     * Says that these files have their earlier labels on disk.
     *
     * @return the numbers of those that may be forgotten
     */
    Set<Long> settled(Collection<FileRecord> files);

    /** Whether they can be asked now. */
    boolean isReachable();

    /**
     * Whether more files go back since the last call: another host may wait for them. A second call answers false.
     */
    boolean takeNews();

    /**
     * The other hosts that hold this file, as they told last. Nobody waits for them here.
     *
     * @return empty for a file of this host alone, and for one of which they have not told yet
     */
    Optional<Elsewhere> elsewhere(FileRecord record);

    /**
     * The other hosts that hold a file.
     *
     * @param asked when they were asked
     * @param hosts in the order of their names
     */
    record Elsewhere(Instant asked, List<HostName> hosts) {
        public Elsewhere {
            hosts = List.copyOf(hosts);
        }
    }

    /**
     * Why a label with this level on this file may be another host's; empty if it is not. Nothing was recorded of that label
     * here.
     */
    Optional<String> mayNeed(OpenedFile file, Level level);

    /**
     * Why this host may not set a label of a VM on a file that it has on record; empty if it holds the file, or if nobody else
     * can. Asked before a label is set that no claim has just allowed, since a host that was fenced, and runs all the same, may
     * have lost the file to another one.
     */
    Optional<String> notHeld(OpenedFile file);

    /** Where a VM runs. */
    sealed interface Whereabouts {}

    /** On no other host, as far as these files tell. */
    record Nowhere() implements Whereabouts {}

    /**
     * On another host, at this pair.
     *
     * @param host for people
     */
    record RunsOn(String host, CategoryPair pair) implements Whereabouts {}

    /** It may not come, or nobody can tell. */
    record MayNotCome(List<Problem> problems) implements Whereabouts {
        public MayNotCome {
            problems = List.copyOf(problems);
        }
    }

    /** The answer to a VM. */
    sealed interface Answer {
        /**
         * Does something with what other hosts grant, which ends with it unless it is kept.
         *
         * @param isKept whether the VM has it all
         * @param refused the result if they grant nothing
         */
        default <T> T with(
                Function<Share, T> action, Predicate<? super T> isKept, Function<List<Problem>, ? extends T> refused) {
            return switch (this) {
                case NotAgreed(List<Problem> problems) -> refused.apply(problems);
                case Agreed(Share share) -> {
                    boolean isUsed = false;
                    try {
                        T result = action.apply(share);
                        isUsed = isKept.test(result);
                        yield result;
                    } finally {
                        share.over(isUsed);
                    }
                }
            };
        }
    }

    /** It may go on. */
    record Agreed(Share share) implements Answer {}

    /** It may not. Nothing is held. */
    record NotAgreed(List<Problem> problems) implements Answer {
        public NotAgreed {
            problems = List.copyOf(problems);
        }
    }

    /**
     * A VM that is about to start.
     *
     * @param uuid by which it is known on each host
     * @param isArriving whether it may be on its way from another host
     * @param contexts its contexts at a pair
     */
    record Newcomer(
            VmName vm,
            Optional<UUID> uuid,
            boolean isArriving,
            LevelWish level,
            Function<CategoryPair, VmContexts> contexts,
            List<Wish> files) {
        public Newcomer {
            files = List.copyOf(files);
        }
    }

    /**
     * A file that a VM needs.
     *
     * @param isLabelled whether it gets a label; otherwise it is handed over
     */
    record Wish(VmFile file, OpenedFile opened, Sharing sharing, boolean isLabelled) {}

    /** The files among these that exist, and that the plan does not leave alone. */
    static List<Wish> wishes(Map<VmFile, LabelState> files, HeldFiles held) {
        List<Wish> wishes = new ArrayList<>();
        files.forEach((file, label) -> {
            if (file.file().isPresent() && file.leaveReason().isEmpty()) {
                Sharing sharing = Planner.wanted(file, held).iterator().next();
                wishes.add(new Wish(file, file.file().get(), sharing, !(label instanceof LabelState.Unavailable)));
            }
        });
        return wishes;
    }

    /** The share that other hosts have granted, until the VM has it or has failed. */
    interface Share {
        /** The level; empty if it is as the VM wished, or if it has one. */
        Optional<Level> level();

        /** The files that are held, with those of other hosts. */
        HeldFiles held(HeldFiles here);

        /**
         * Tells the labels that files had, before any is set.
         *
         * @return why that cannot be told: then none may be set
         */
        Optional<Problem> record(Map<FileIdentity, Optional<StoredLabel>> originals);

        /** Gives back what was granted: the VM has failed, and labels may be about to go back. */
        void giveBack();

        /** The VM has started, or has failed and is off the record. */
        void over(boolean isKept);
    }

    /** A host that shares nothing. */
    static OtherHosts none() {
        return new Nobody();
    }

    /** The questions asked about a label before it goes back. */
    static Reverter.Gate gate(OtherHosts others) {
        return new Reverter.Gate() {
            @Override
            public Reverter.Passage ask(FileRecord record, OpenedFile file) {
                return others.passage(record, file);
            }

            @Override
            public Optional<String> mayNeed(OpenedFile file, Level level) {
                return others.mayNeed(file, level);
            }
        };
    }

    /** The answer where nobody needs to be asked. */
    static Agreed everything() {
        return Nobody.AGREED;
    }

    /** The answers of a host that shares nothing. */
    record Nobody() implements OtherHosts {
        static final Agreed AGREED = new Agreed(new ReservedShare(Optional.empty(), () -> {}));

        @Override
        public boolean isAlone() {
            return true;
        }

        @Override
        public void begin() {}

        @Override
        public void close() {}

        @Override
        public Answer start(Newcomer vm) {
            return AGREED;
        }

        @Override
        public Whereabouts whereabouts(Newcomer vm) {
            return new Nowhere();
        }

        @Override
        public Optional<String> mayNeed(OpenedFile file, Level level) {
            return Optional.empty();
        }

        @Override
        public Optional<String> notHeld(OpenedFile file) {
            return Optional.empty();
        }

        @Override
        public Answer join(VmRecord vm, List<Wish> files) {
            return AGREED;
        }

        @Override
        public void leave(VmRecord vm) {}

        @Override
        public void leave(VmRecord vm, Collection<FileRecord> files) {}

        @Override
        public void ended(VmRecord vm) {}

        @Override
        public Reverter.Passage passage(FileRecord record, OpenedFile file) {
            return new Reverter.Free(record);
        }

        @Override
        public Set<Long> settled(Collection<FileRecord> files) {
            return files.stream().map(FileRecord::id).collect(Collectors.toSet());
        }

        @Override
        public boolean isReachable() {
            return true;
        }

        @Override
        public boolean takeNews() {
            return false;
        }

        @Override
        public Optional<Elsewhere> elsewhere(FileRecord record) {
            return Optional.empty();
        }
    }
}
