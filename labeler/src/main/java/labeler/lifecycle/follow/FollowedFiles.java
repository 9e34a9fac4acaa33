package labeler.lifecycle.follow;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.HoldTrigger;
import labeler.journal.VmRecord;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.acquisition.HeldImages;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.lifecycle.acquisition.MissingOutputs;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.release.HoldSettlement;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.work.FileSystemWork;

/**
 * The files of VMs that run. A file's label is a function of all holds on it: the image context of the one VM that
 * writes it, the content context where VMs only read it, and its own label where nobody holds it. So nobody sets a label
 * at the end of a job or a command: its hold ends, and the label follows.
 *
 * <p>Each method takes the VM for itself while it works, waits for others as long as a start does, and holds no lock
 * over I/O. Call it on a thread that may wait.
 */
public final class FollowedFiles {
    private final Ledger ledger;
    private final FileSetBuilder fileSets;
    private final JoiningFiles joining;
    private final HoldSettlement settlement;
    private final HeldImages images;
    private final MissingOutputs outputs;
    private final FileSystemWork work;

    @Inject
    FollowedFiles(
            Ledger ledger,
            FileSetBuilder fileSets,
            JoiningFiles joining,
            HoldSettlement settlement,
            HeldImages images,
            MissingOutputs outputs,
            FileSystemWork work) {
        this.ledger = ledger;
        this.fileSets = fileSets;
        this.joining = joining;
        this.settlement = settlement;
        this.images = images;
        this.outputs = outputs;
        this.work = work;
    }

    /** The VM with all its holds, those of commands from before a restart of the service among them. */
    public Optional<VmRecord> vm(VmName name) {
        return ledger.holdings().vm(name);
    }

    /** The run that is on record under this name, for all that is done for it later. */
    public VmRun run(VmName name) {
        return new VmRun(name, ledger.holdings().run(name));
    }

    /** The VM, unless it has ended: another one of its name does not count. */
    public Optional<VmRecord> vm(VmRun run) {
        return ledger.holdings().vm(run.name(), run.number());
    }

    /** The numbers of commands whose holds are on record: after a restart nobody knows yet what became of them. */
    public SortedSet<Long> commands(VmName name) {
        SortedSet<Long> numbers = new TreeSet<>();
        vm(name).stream().flatMap(vm -> vm.files().stream()).forEach(hold -> {
            if (hold.trigger() instanceof HoldTrigger.Command command) {
                numbers.add(command.number());
            }
        });
        return numbers;
    }

    /**
     * Takes files for a command before qemu hears of it. A file that the VM has already may be taken again, in the same
     * way or in a stronger one; it is refused if another VM has it in a way that excludes this one.
     *
     * @param wanted its definition's relative names are not allowed
     */
    public TakeOutcome take(VmRun run, WantedFiles wanted) {
        CommandFiles command = new CommandFiles(ledger, run, wanted, holds -> giveBack(run, holds));
        return work.run(
                        FileSetBuilder.named(wanted.definition()),
                        errand -> {
                            FileSet found = fileSets.buildJoining(wanted.definition());
                            errand.afterwards(found::close);
                            FileSet files = images.asFound(found, wanted.check().alone());
                            return isFit(run, wanted, files)
                                    ? taking(joining.take(command, files, errand))
                                    : new TakeOutcome.Unfit();
                        },
                        _ -> {})
                .or(place -> new TakeOutcome.Refused(List.of(Claims.problem(place))));
    }

    /**
     * Puts files on record that the manager of a running VM has given to it already.
     *
     * @param definition one use of them; relative names are not allowed
     * @param account the chains that they are a part of, as the manager has them, with the layers that are on record
     */
    public TakeOutcome follow(Sighting seen, VmDefinition definition, VmDefinition account) {
        VmRun run = run(seen.name());
        LiveFilesJoining live = new LiveFilesJoining(ledger, seen, account, holds -> giveBack(run, holds));
        return work.run(
                        Stream.concat(FileSetBuilder.named(definition).stream(), FileSetBuilder.named(account).stream())
                                .toList(),
                        errand -> {
                            FileSet files = fileSets.buildJoining(definition);
                            errand.afterwards(files::close);
                            return taking(joining.take(live, files, errand));
                        },
                        _ -> {})
                .or(place -> new TakeOutcome.Refused(List.of(Claims.problem(place))));
    }

    /**
     * Ends holds on files that the manager of a running VM has taken from it. What is not free, or cannot be given back,
     * stays; so does everything if the VM, or its manager's record, is another one by now.
     *
     * @param isFree called for each file just before its label goes
     */
    public VmReport leave(Sighting seen, List<FileHold> ending, BiPredicate<FileRecord, OpenedFile> isFree) {
        VmRun run = run(seen.name());
        VmReport report = changed(
                run,
                now -> seen.isOf(now) && seen.isUnchanged().getAsBoolean()
                        ? settlement.leave(now, ending, isFree)
                        : VmReport.of(
                                seen.name(),
                                Problem.of(
                                        Problem.Kind.IN_USE, "libvirt has changed VM " + seen.name() + " meanwhile")));
        return report.with(images.left(seen.vm(), noLongerWritten(run, seen.vm())));
    }

    /**
     * The files that have these names now, with links followed; empty if not all of them can be known. Opens nothing.
     *
     * @return without the names that lead to nothing
     */
    public Optional<Map<HostPath, FileIdentity>> identities(Collection<HostPath> names) {
        return work.run(
                        names,
                        _ -> {
                            Map<HostPath, FileIdentity> found = new HashMap<>();
                            names.forEach(
                                    name -> fileSets.identity(name).ifPresent(identity -> found.put(name, identity)));
                            return Optional.of(found);
                        },
                        _ -> {})
                .or(_ -> Optional.<Map<HostPath, FileIdentity>>empty());
    }

    /** The nodes of each device of the host that a definition names by its address. Opens nothing. */
    public Map<DeclaredUse.DeviceUse, List<HostPath>> nodes(VmDefinition definition) {
        Map<DeclaredUse.DeviceUse, List<HostPath>> nodes = new HashMap<>();
        for (DeclaredUse use : definition.uses()) {
            if (use instanceof DeclaredUse.DeviceUse device) {
                nodes.put(device, fileSets.nodes(device));
            }
        }
        return nodes;
    }

    /** The identity on record of a hold's file; empty for a hold without a record. */
    public Optional<FileIdentity> recorded(FileHold hold) {
        return hold.file().stream()
                .boxed()
                .flatMap(id -> ledger.holdings().file(id).stream())
                .map(FileRecord::identity)
                .findFirst();
    }

    /** A file set with problems is refused for those. */
    private boolean isFit(VmRun run, WantedFiles wanted, FileSet files) {
        return !files.problems().isEmpty()
                || wanted.check().isFit(new NamedFiles(files, fileSets, ledger.holdings(), vm(run)));
    }

    /** The names and files to which a definition leads, with those that headers name. */
    public record Reached(Set<HostPath> names, Set<FileIdentity> files) {
        public Reached {
            names = Set.copyOf(names);
            files = Set.copyOf(files);
        }
    }

    /**
     * All files to which a definition leads, with those that headers name; empty if not all of them can be known. Reads
     * headers, changes nothing.
     */
    public Optional<Reached> reached(VmDefinition definition) {
        return work.run(
                        FileSetBuilder.named(definition),
                        errand -> {
                            FileSet files = fileSets.build(definition);
                            errand.afterwards(files::close);
                            return reached(files);
                        },
                        _ -> {})
                .or(_ -> Optional.empty());
    }

    private static Optional<Reached> reached(FileSet files) {
        if (!files.problems().isEmpty()) {
            return Optional.empty();
        }
        Set<HostPath> names = new HashSet<>(files.names().keySet());
        Set<FileIdentity> identities = new HashSet<>();
        files.files().forEach(file -> {
            names.add(file.path());
            file.file().map(OpenedFile::identity).ifPresent(identities::add);
        });
        return Optional.of(new Reached(names, identities));
    }

    private static TakeOutcome taking(JoiningFiles.Outcome outcome) {
        return switch (outcome) {
            case JoiningFiles.Refused(List<Problem> problems) -> new TakeOutcome.Refused(problems);
            case JoiningFiles.TakenBack(List<Problem> problems) -> new TakeOutcome.Refused(problems);
            case JoiningFiles.Joined(JoinedFiles joined) -> new TakeOutcome.Taken(joined);
        };
    }

    private List<Problem> giveBack(VmRun run, List<FileHold> holds) {
        VmReport report = settled(run, now -> without(now, holds));
        List<Problem> problems = new ArrayList<>(report.problems());
        report.files().stream()
                .filter(FileReport::isFailure)
                .forEach(file -> problems.add(Problem.of(Problem.Kind.LABEL_NOT_SET, file.path(), file.message())));
        return problems;
    }

    /** The holds without one equal to each of these. */
    public static List<FileHold> without(List<FileHold> holds, List<FileHold> ending) {
        List<FileHold> left = new ArrayList<>(holds);
        ending.forEach(left::remove);
        return left;
    }

    /**
     * Replaces the VM's holds, and gives each of its files the label that the holds need now. A file that no VM holds any
     * more gets its original label back. What an interrupted call left undone is done as well. If a command has written
     * into headers, tell {@link #known} first: what is new in an image that the VM stops writing counts as the guest's.
     *
     * @param now the new holds: any of those that it gets may be missing, end with another state, or be narrowed; one may
     *     be widened where another hold of the VM writes the file
     * @return the files whose labels changed or could not be changed, and the guest's changes to headers
     */
    public VmReport settle(VmRun run, UnaryOperator<List<FileHold>> now) {
        Optional<VmRecord> before = vm(run);
        VmReport report = settled(run, now);
        return before.map(had -> report.with(images.left(had, noLongerWritten(run, had))))
                .orElse(report);
    }

    private VmReport settled(VmRun run, UnaryOperator<List<FileHold>> now) {
        return changed(run, vm -> settlement.settle(vm, now.apply(vm.files())));
    }

    private VmReport changed(VmRun run, Function<VmRecord, VmReport> change) {
        return ledger.claims()
                .having(
                        run.name(),
                        Claims.Doing.CHANGING,
                        () -> vm(run).map(change).orElseGet(() -> VmReport.of(run.name(), hasEnded(run))),
                        problem -> VmReport.of(run.name(), problem));
    }

    private static Problem hasEnded(VmRun run) {
        return Problem.of(Problem.Kind.PROCESS_ENDED, "VM " + run.name() + " has ended");
    }

    /** The files that the VM had for writing and has so no more. A VM that has ended is looked after by its end. */
    private List<FileRecord> noLongerWritten(VmRun run, VmRecord had) {
        Optional<VmRecord> now = vm(run);
        if (now.isEmpty()) {
            return List.of();
        }
        Set<Long> ended = written(had);
        ended.removeAll(written(now.get()));
        return ended.stream().flatMap(id -> ledger.holdings().file(id).stream()).toList();
    }

    private static Set<Long> written(VmRecord vm) {
        Set<Long> written = new HashSet<>();
        vm.files().stream()
                .filter(FileHold::isWriting)
                .forEach(hold -> hold.file().ifPresent(written::add));
        return written;
    }

    /** Puts on record which disks have joined, as far as it is known. */
    public void joined(VmRun run, VmRecord known) {
        VmReport _ = changed(run, vm -> settlement.joined(vm, known.disks()));
    }

    /**
     * Removes files that {@link #take} made for a command that failed, unless something has been written into them. Settle
     * first: a file that a VM holds stays. All stay if another VM has the name by now.
     *
     * @return why any could not be removed
     */
    public List<Problem> remove(VmRun run, List<MissingOutputs.NewFile> made) {
        return made.isEmpty()
                ? List.of()
                : ledger.claims()
                        .having(
                                run.name(),
                                Claims.Doing.CHANGING,
                                () -> vm(run).isPresent() || vm(run.name()).isEmpty()
                                        ? removed(made)
                                        : List.of(hasEnded(run)),
                                List::of);
    }

    private List<Problem> removed(List<MissingOutputs.NewFile> made) {
        return work.run(
                        made.stream().map(MissingOutputs.NewFile::path).toList(),
                        _ -> outputs.removeEmpty(made),
                        _ -> {})
                .or(place -> List.of(Claims.problem(place)));
    }

    /**
     * Reads the headers of images again that the VM may write.
     *
     * @param paths under which the VM holds them; others are passed over
     * @return a problem for each name that the next start would not believe
     */
    public List<Problem> strange(VmRun run, Collection<HostPath> paths) {
        List<FileRecord> images = vm(run).stream()
                .flatMap(held -> held.files().stream())
                .filter(hold -> paths.contains(hold.path()) && hold.file().isPresent())
                .flatMap(hold -> ledger.holdings().file(hold.file().getAsLong()).stream())
                .distinct()
                .toList();
        return images.isEmpty()
                ? List.of()
                : work.run(
                                images.stream().map(FileRecord::realPath).toList(),
                                _ -> this.images.strange(run.name(), images),
                                _ -> {})
                        .or(place -> List.of(Claims.problem(place)));
    }

    /**
     * Reads headers again into which a command has written. What is there now is a command's doing, and does not count as
     * the guest's later. It has to lead to files that the VM holds; otherwise nothing is recorded.
     *
     * @return why a header is not believed
     */
    public List<Problem> known(VmRun run, List<WrittenHeader> headers) {
        return ledger.claims()
                .having(
                        run.name(),
                        Claims.Doing.CHANGING,
                        () -> vm(run).isPresent() ? known(run.name(), headers) : List.of(hasEnded(run)),
                        List::of);
    }

    private List<Problem> known(VmName vm, List<WrittenHeader> headers) {
        return headers.stream()
                .flatMap(header -> images.written(vm, header.image(), header.format()).stream())
                .toList();
    }
}
