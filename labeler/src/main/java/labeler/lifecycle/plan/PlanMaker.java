package labeler.lifecycle.plan;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import labeler.apply.Labels;
import labeler.apply.Labels.MountsSeen;
import labeler.config.LabelConfig;
import labeler.fileset.FileSet;
import labeler.fileset.VmFile;
import labeler.lifecycle.StartRequest;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Pid;
import labeler.mcs.PairAllocator;
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

/** Makes a plan from a file set: reads the labels on disk, finds the level and asks the planner. Changes nothing. */
public final class PlanMaker {
    private final VirtualContexts virtualContexts;
    private final PairAllocator allocator;
    private final ProcessContexts processContexts;
    private final Labels labels;
    private final Planner planner;
    private final HandoverSupport domains;

    @Inject
    PlanMaker(
            VirtualContexts virtualContexts,
            PairAllocator allocator,
            ProcessContexts processContexts,
            Labels labels,
            Planner planner,
            LabelConfig settings) {
        this.virtualContexts = virtualContexts;
        this.allocator = allocator;
        this.processContexts = processContexts;
        this.labels = labels;
        this.planner = planner;
        this.domains = settings.domains();
    }

    /** The way for libvirt's domains with files that carry no label. */
    public HandoverSupport domains() {
        return domains;
    }

    /** The result. */
    public sealed interface Outcome {}

    /** A plan and its contexts. */
    public record Prepared(VmContexts contexts, Plan plan) implements Outcome {}

    /** No level could be found, so there is no plan. */
    public record NoLevel(Problem problem) implements Outcome {}

    /** The kernel's answers about a VM's files and the levels in use, before anything is decided. */
    public sealed interface Look {}

    /**
     * All that a plan needs.
     *
     * @param own the context of the VM's own process, if it is known
     * @param labels of all files, in their order
     */
    public record Looked(
            Set<Level> foreign,
            Optional<SecurityContext> own,
            SequencedMap<VmFile, LabelState> labels,
            List<Problem> problems)
            implements Look {
        public Looked {
            foreign = Set.copyOf(foreign);
            labels = Collections.unmodifiableSequencedMap(labels);
            problems = List.copyOf(problems);
        }
    }

    /** The levels in use cannot be read. */
    public record NotLooked(Problem problem) implements Look {}

    /** Looks at the files and processes of this host. This takes as long as the file systems take. */
    public Look look(StartRequest request, FileSet files) {
        return look(request.pid(), helpers(request), files);
    }

    /** The same for files that join a running VM. */
    public Look look(FileSet files) {
        return look(Optional.empty(), Optional.empty(), files);
    }

    /** libvirt has chosen the level before its hook asks, and given it to the helpers that qemu will connect to. */
    private static Optional<ProcessContexts.Helpers> helpers(StartRequest request) {
        return request.hook()
                .flatMap(hook -> request.definition()
                        .processContext()
                        .flatMap(context -> Level.parse(context.level()))
                        .map(level -> new ProcessContexts.Helpers(level, hook)));
    }

    private Look look(Optional<Pid> pid, Optional<ProcessContexts.Helpers> helpers, FileSet files) {
        try {
            Set<Level> foreign = processContexts.levels(pid, helpers);
            Optional<SecurityContext> own = pid.isPresent() ? processContexts.of(pid.get()) : Optional.empty();
            List<Problem> problems = new ArrayList<>();
            return new Looked(foreign, own, labels(files, problems), problems);
        } catch (LinuxException e) {
            return new NotLooked(levelsUnseen(e));
        }
    }

    /**
     * The plan for a VM.
     *
     * @param reserved pairs of VMs that are held
     * @param passing the ways to treat files that carry no label
     */
    public Outcome prepare(
            StartRequest request, Looked looked, HeldFiles held, Set<CategoryPair> reserved, HandoverSupport passing) {
        return switch (level(
                request,
                looked.own(),
                reserved,
                looked.foreign(),
                carried(looked.labels().values()))) {
            case NoChoice(Problem problem) -> new NoLevel(problem);
            case ChosenLevel(Level level) -> {
                VmContexts contexts = contexts(request.definition(), level);
                yield new Prepared(contexts, plan(contexts, looked, looked.foreign(), held, passing));
            }
        };
    }

    /** Pairs on its files. With one of them, old labels on these files would look like the VM's own. */
    private static Set<CategoryPair> carried(Collection<LabelState> labels) {
        Set<CategoryPair> pairs = new HashSet<>();
        labels.forEach(label -> label.context()
                .flatMap(context -> Level.parse(context.level()))
                .ifPresent(level -> pairs.add(level.pair())));
        return pairs;
    }

    /**
     * The plan for files that join a VM, which has its level already.
     *
     * @param passing the ways to treat files that carry no label
     */
    public Prepared prepareJoin(VmContexts contexts, Looked looked, HeldFiles held, HandoverSupport passing) {
        Set<Level> foreign = new HashSet<>(looked.foreign());
        foreign.remove(contexts.level());
        return new Prepared(contexts, plan(contexts, looked, foreign, held, passing));
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

    private sealed interface LevelChoice {}

    private record ChosenLevel(Level level) implements LevelChoice {}

    private record NoChoice(Problem problem) implements LevelChoice {}

    private LevelChoice level(
            StartRequest request,
            Optional<SecurityContext> own,
            Set<CategoryPair> reserved,
            Set<Level> foreign,
            Set<CategoryPair> carried) {
        Optional<SecurityContext> declared = request.definition().processContext();
        Optional<Level> declaredLevel = declared.flatMap(context -> Level.parse(context.level()));
        Optional<Problem> fault = fault(request, declared, declaredLevel);
        if (fault.isPresent()) {
            return new NoChoice(fault.get());
        }
        Optional<Level> wanted = request.level().or(() -> declaredLevel).or(() -> ownLevel(own));
        if (wanted.isPresent()) {
            boolean taken = reserved.contains(wanted.get().pair()) || foreign.contains(wanted.get());
            return taken
                    ? new NoChoice(Problem.of(
                            Problem.Kind.LEVEL_IN_USE,
                            "another VM or process has the level " + wanted.get()
                                    + "; choose another, or let the service choose"))
                    : new ChosenLevel(wanted.get());
        }
        Set<CategoryPair> taken = new HashSet<>(reserved);
        taken.addAll(carried);
        foreign.forEach(level -> taken.add(level.pair()));
        return allocator
                .allocate(taken)
                .<LevelChoice>map(pair -> new ChosenLevel(new Level(sensitivity(), pair)))
                .orElseGet(() -> new NoChoice(Problem.of(
                        Problem.Kind.NO_FREE_PAIR,
                        "every category pair of the configured range is taken; widen mcs.range or stop VMs")));
    }

    /** The reason why the labels that the definition and the request have cannot be used. */
    private Optional<Problem> fault(
            StartRequest request, Optional<SecurityContext> declared, Optional<Level> declaredLevel) {
        if (declared.isPresent() && declaredLevel.isEmpty()) {
            return Optional.of(Problem.of(
                    Problem.Kind.NOT_UNDERSTOOD,
                    "the definition's label " + declared.get()
                            + " has no category pair; give it a level like s0:c1,c2"));
        }
        List<String> types = virtualContexts.processTypes();
        Optional<SecurityContext> named = named(request.definition());
        if (named.isPresent() && !types.contains(named.get().type())) {
            return Optional.of(Problem.of(
                    Problem.Kind.NOT_UNDERSTOOD,
                    "the definition's label " + named.get() + " is of no type that this host's"
                            + " virtual_domain_context has for VMs; make it one of " + String.join(", ", types)));
        }
        return request.level()
                .filter(_ -> declaredLevel.isPresent())
                .filter(level -> !level.equals(declaredLevel.get()))
                .map(level -> Problem.of(
                        Problem.Kind.CONTRADICTION,
                        "the level asked for is " + level + ", and the definition says " + declaredLevel.get()
                                + "; leave one of them out"));
    }

    /** The level that the VM's process already has, chosen by whoever started it. */
    private Optional<Level> ownLevel(Optional<SecurityContext> own) {
        return own.filter(context -> virtualContexts.processTypes().contains(context.type()))
                .flatMap(context -> Level.parse(context.level()));
    }

    /** The policy's sensitivity for VMs: {@code s0} on every system with MCS. */
    private int sensitivity() {
        String level = virtualContexts.process().level();
        int end = 1;
        while (end < level.length() && Character.isDigit(level.charAt(end))) {
            end++;
        }
        return end > 1 ? Integer.parseInt(level.substring(1, end)) : 0;
    }

    /** The context that the definition names, with its level or to be given one. */
    private static Optional<SecurityContext> named(VmDefinition definition) {
        return definition.processContext().or(() -> definition.wishes().base());
    }

    private VmContexts contexts(VmDefinition definition, Level level) {
        SecurityContext process = named(definition).orElseGet(() -> switch (definition.acceleration()) {
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
