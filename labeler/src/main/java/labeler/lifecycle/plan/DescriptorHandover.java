package labeler.lifecycle.plan;

import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.launch.HandedDescriptor;
import labeler.launch.MemoryCopies;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.openfiles.OpenMode;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.qemu.handover.DescriptorCommandLine;
import labeler.vm.qemu.handover.DescriptorSet;
import labeler.vm.qemu.handover.HandoverObstacle;
import labeler.vm.qemu.handover.RewriteResult;
import labeler.vm.qemu.option.QemuCommandLine;

/** The handover of files that are not labelled: the command line that needs no paths, and the open files. */
public final class DescriptorHandover {
    private final SafeOpen open;
    private final MemoryCopies copies;

    @Inject
    DescriptorHandover(SafeOpen open) {
        this.open = open;
        this.copies = new MemoryCopies(open);
    }

    /** The result. */
    public sealed interface Outcome {}

    /**
     * The VM can be started in this way.
     *
     * @param copies files that qemu reads by name, and the local copy to be made of each
     */
    public record Possible(RewriteResult.Rewritten rewritten, Map<HostPath, HostPath> copies) implements Outcome {
        public Possible {
            copies = Map.copyOf(copies);
        }

        /** Whether anything is handed over or copied. */
        public boolean isNeeded() {
            return !rewritten.descriptors().isEmpty() || !copies.isEmpty();
        }
    }

    public record NotPossible(List<Problem> problems) implements Outcome {}

    /**
     * The command line with all images handed over, also those that carry a label: behind Landlock, a node can get
     * another access to its file only by a descriptor. If that cannot be, it is the one of {@link #rewrite}.
     */
    public static Outcome rewriteImages(QemuCommandLine commandLine, FileSet files, Plan plan, Path directory) {
        Set<HostPath> passed = passed(plan, file -> isImage(file) && file.treatment() == Treatment.LABEL);
        Outcome outcome = rewrite(commandLine, files, passed, directory);
        return outcome instanceof Possible ? outcome : rewrite(commandLine, files, plan, directory);
    }

    private static boolean isImage(PlannedFile file) {
        return file.file().uses().stream().allMatch(use -> use.role().isImage());
    }

    private static Set<HostPath> passed(Plan plan, Predicate<PlannedFile> too) {
        return plan.files().stream()
                .filter(file -> file.treatment() == Treatment.PASS || too.test(file))
                .map(PlannedFile::path)
                .collect(Collectors.toSet());
    }

    /**
     * The command line for this plan. It is unchanged if every file carries a label.
     *
     * @param directory the place for local copies
     */
    public static Outcome rewrite(QemuCommandLine commandLine, FileSet files, Plan plan, Path directory) {
        return rewrite(commandLine, files, passed(plan, _ -> false), directory);
    }

    private static Outcome rewrite(QemuCommandLine commandLine, FileSet files, Set<HostPath> passed, Path directory) {
        if (passed.isEmpty()) {
            return new Possible(new RewriteResult.Rewritten(commandLine.words(), List.of()), Map.of());
        }
        Predicate<HostPath> isPassed = name -> passed.contains(files.names().getOrDefault(name, name));
        return switch (rewrite(commandLine, files, isPassed, Map.of())) {
            case RewriteResult.Rewritten rewritten -> new Possible(rewritten, Map.of());
            case RewriteResult.NotPossible(List<Problem> _, List<HandoverObstacle> unpassable) -> {
                Map<HostPath, HostPath> copies = new LinkedHashMap<>();
                unpassable.stream()
                        .filter(HandoverObstacle::isCopyable)
                        .forEach(one -> copies.putIfAbsent(
                                one.path(), HostPath.of(directory.resolve("copy-" + copies.size()))));
                yield switch (rewrite(commandLine, files, isPassed, copies)) {
                    case RewriteResult.Rewritten rewritten -> new Possible(rewritten, copies);
                    case RewriteResult.NotPossible(List<Problem> problems, List<HandoverObstacle> _) ->
                        new NotPossible(problems);
                };
            }
        };
    }

    private static RewriteResult rewrite(
            QemuCommandLine commandLine, FileSet files, Predicate<HostPath> passed, Map<HostPath, HostPath> copies) {
        return new DescriptorCommandLine(commandLine, files.chains(), passed, copies).rewriting();
    }

    /**
     * Opens each file again, as its fdset needs it, through the descriptor that was parsed.
     *
     * @return descriptors that the caller closes
     */
    public List<HandedDescriptor> open(FileSet files, List<DescriptorSet> sets) throws LinuxException {
        List<HandedDescriptor> handed = new ArrayList<>();
        boolean complete = false;
        try {
            for (DescriptorSet set : sets) {
                OpenedFile file = files.named(set.path())
                        .orElseThrow(() -> new IllegalStateException(
                                set.path() + " is to be handed over and is not in the file set"));
                handed.add(new HandedDescriptor(
                        set.set(), set.copied() ? copies.of(file) : open.reopen(file, set.access(), set.direct())));
            }
            complete = true;
            return handed;
        } finally {
            if (!complete) {
                handed.forEach(HandedDescriptor::close);
            }
        }
    }

    /** The ways to open each file, by the path that stands for it. */
    public static Map<HostPath, List<OpenMode>> modes(FileSet files, List<DescriptorSet> sets) {
        Map<HostPath, List<OpenMode>> modes = new HashMap<>();
        for (DescriptorSet set : sets) {
            modes.computeIfAbsent(files.names().getOrDefault(set.path(), set.path()), _ -> new ArrayList<>())
                    .add(new OpenMode(set.access(), set.direct()));
        }
        return modes;
    }
}
