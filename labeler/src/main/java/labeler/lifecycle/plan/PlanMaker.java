package labeler.lifecycle.plan;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Supplier;
import labeler.apply.Labels;
import labeler.apply.Labels.MountsSeen;
import labeler.config.LabelConfig;
import labeler.fileset.FileSet;
import labeler.fileset.VmFile;
import labeler.libvirt.DefinedLevels;
import labeler.lifecycle.StartRequest;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Pid;
import labeler.mcs.FreePairs;
import labeler.mcs.ProcessContexts;
import labeler.plan.HandoverSupport;
import labeler.plan.HeldFiles;
import labeler.plan.LabelState;
import labeler.plan.Plan;
import labeler.plan.Planner;
import labeler.plan.VmContexts;
import labeler.problem.Problem;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.VirtualContexts;
import labeler.vm.VmDefinition;
import labeler.vm.libvirt.DomainFacts.DomainLevels;

/** Makes a plan from a file set: reads the labels on disk, finds the level and asks the planner. Changes nothing. */
public final class PlanMaker {
    private final VirtualContexts virtualContexts;
    private final LevelChoice levels;
    private final ProcessContexts processContexts;
    private final Labels labels;
    private final Planner planner;
    private final HandoverSupport domains;
    private final DefinedLevels defined;

    @Inject
    PlanMaker(
            VirtualContexts virtualContexts,
            FreePairs freePairs,
            ProcessContexts processContexts,
            Labels labels,
            Planner planner,
            LabelConfig settings,
            DefinedLevels defined) {
        this.virtualContexts = virtualContexts;
        this.levels = new LevelChoice(virtualContexts, freePairs);
        this.processContexts = processContexts;
        this.labels = labels;
        this.planner = planner;
        this.domains = settings.domains();
        this.defined = defined;
    }

    /** The way for libvirt's domains with files that carry no label. */
    public HandoverSupport domains() {
        return domains;
    }

    /** The result. */
    public sealed interface Outcome {}

    /**
     * A plan and its contexts.
     *
     * @param warning about the level, which does not hinder this start
     */
    public record Prepared(VmContexts contexts, Plan plan, Optional<String> warning) implements Outcome {}

    /** No level could be found, so there is no plan. */
    public record NoLevel(Problem problem) implements Outcome {}

    /** The kernel's answers about a VM's files and the levels in use, before anything is decided. */
    public sealed interface Look {}

    /**
     * All that a plan needs.
     *
     * @param own the context of the VM's own process, if it is known
     * @param labels of all files, in their order
     * @param defined the levels that libvirt's definitions keep for their domains
     */
    public record Looked(
            Set<Level> foreign,
            Optional<SecurityContext> own,
            SequencedMap<VmFile, LabelState> labels,
            List<Problem> problems,
            List<DomainLevels> defined)
            implements Look {
        public Looked {
            foreign = Set.copyOf(foreign);
            labels = Collections.unmodifiableSequencedMap(labels);
            problems = List.copyOf(problems);
            defined = List.copyOf(defined);
        }
    }

    /** The levels in use cannot be read. */
    public record NotLooked(Problem problem) implements Look {}

    /** Looks at the files and processes of this host. This takes as long as the file systems take. */
    public Look look(StartRequest request, FileSet files) {
        return look(request.pid(), helpers(request), files, defined::now);
    }

    /** The same for files that join a running VM. It has its level, so nobody asks what definitions keep. */
    public Look look(FileSet files) {
        return look(Optional.empty(), Optional.empty(), files, List::of);
    }

    /** libvirt has chosen the level before its hook asks, and given it to the helpers that qemu will connect to. */
    private static Optional<ProcessContexts.Helpers> helpers(StartRequest request) {
        return request.asker()
                .hook()
                .flatMap(StartRequest.Hook::process)
                .flatMap(hook -> request.definition()
                        .processContext()
                        .flatMap(context -> Level.parse(context.level()))
                        .map(level -> new ProcessContexts.Helpers(level, hook)));
    }

    private Look look(
            Optional<Pid> pid,
            Optional<ProcessContexts.Helpers> helpers,
            FileSet files,
            Supplier<List<DomainLevels>> kept) {
        try {
            Set<Level> foreign = processContexts.levels(pid, helpers);
            Optional<SecurityContext> own = pid.isPresent() ? processContexts.of(pid.get()) : Optional.empty();
            List<Problem> problems = new ArrayList<>();
            return new Looked(foreign, own, labels(files, problems), problems, kept.get());
        } catch (LinuxException e) {
            return new NotLooked(levelsUnseen(e));
        }
    }

    /**
     * The plan for a VM.
     *
     * @param passing the ways to treat files that carry no label
     */
    public Outcome prepare(
            StartRequest request, Looked looked, HeldFiles held, ReservedPairs reserved, HandoverSupport passing) {
        return switch (levels.choose(request, looked, reserved)) {
            case LevelChoice.NoChoice(Problem problem) -> new NoLevel(problem);
            case LevelChoice.Chosen(Level level, Optional<String> warning) -> {
                VmContexts contexts = contexts(request.definition(), level);
                yield new Prepared(contexts, plan(contexts, looked, looked.foreign(), held, passing), warning);
            }
        };
    }

    /** How the VM comes to its level. What may be wrong with that, {@link #prepare} tells. */
    public LevelWish wish(StartRequest request, Looked looked, ReservedPairs reserved) {
        return levels.wish(request, looked, reserved);
    }

    /** Why a VM may not have the level that it asks for; empty if it may. */
    public Optional<Problem> levelProblem(StartRequest request, Looked looked, ReservedPairs reserved) {
        return levels.choose(request, looked, reserved) instanceof LevelChoice.NoChoice(Problem problem)
                ? Optional.of(problem)
                : Optional.empty();
    }

    /** The contexts of a VM at a pair. */
    public VmContexts contexts(VmDefinition definition, CategoryPair pair) {
        return contexts(definition, levels.at(pair));
    }

    /**
     * The plan for files that join a VM, which has its level already.
     *
     * @param passing the ways to treat files that carry no label
     */
    public Prepared prepareJoin(VmContexts contexts, Looked looked, HeldFiles held, HandoverSupport passing) {
        Set<Level> foreign = new HashSet<>(looked.foreign());
        foreign.remove(contexts.level());
        return new Prepared(contexts, plan(contexts, looked, foreign, held, passing), Optional.empty());
    }

    private Plan plan(VmContexts contexts, Looked looked, Set<Level> foreign, HeldFiles held, HandoverSupport passing) {
        List<Problem> problems = new ArrayList<>(looked.problems());
        Plan plan = planner.plan(looked.labels(), contexts, held, foreign, passing);
        problems.addAll(plan.problems());
        return new Plan(plan.files(), problems);
    }

    private static Problem levelsUnseen(LinuxException e) {
        return Problem.of(
                Problem.Kind.LABEL_NOT_SET,
                "cannot see which levels running processes have (" + e.getMessage()
                        + "), and would give one out a second time; see to /proc, and to the service's policy");
    }

    private VmContexts contexts(VmDefinition definition, Level level) {
        SecurityContext process = LevelChoice.named(definition).orElseGet(() -> switch (definition.acceleration()) {
            case HARDWARE -> virtualContexts.process();
            case EMULATION -> virtualContexts.emulatedProcess().orElse(virtualContexts.process());
        });
        return new VmContexts(
                level,
                process.at(level),
                virtualContexts.image().at(level),
                virtualContexts.content(),
                virtualContexts.image());
    }

    private SequencedMap<VmFile, LabelState> labels(FileSet files, List<Problem> problems) {
        MountsSeen mounts = labels.mounts();
        SequencedMap<VmFile, LabelState> states = new LinkedHashMap<>();
        for (VmFile file : files.files()) {
            LabelState state = new LabelState.Unlabelled();
            // For a file that does not exist yet, its directory tells about the file system.
            Optional<OpenedFile> asked = file.file().or(file::directory);
            if (asked.isPresent()) {
                try {
                    LabelState found = labels.state(asked.get(), mounts);
                    state = file.file().isPresent() || found instanceof LabelState.Unavailable ? found : state;
                } catch (LinuxException e) {
                    problems.add(Problem.of(
                            Problem.Kind.UNREADABLE, file.path(), "its label cannot be read (" + e.getMessage() + ")"));
                }
            }
            states.put(file, state);
        }
        return states;
    }
}
