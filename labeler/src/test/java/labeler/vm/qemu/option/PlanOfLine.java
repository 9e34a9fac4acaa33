package labeler.vm.qemu.option;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.fileset.FileUse;
import labeler.fileset.HeaderRules;
import labeler.fileset.LinuxImageOpener;
import labeler.fileset.ServiceFiles;
import labeler.fileset.ServicePlaces;
import labeler.fileset.SystemFiles;
import labeler.fileset.VmFile;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.plan.HandoverSupport;
import labeler.plan.HeldFiles;
import labeler.plan.LabelState;
import labeler.plan.Planner;
import labeler.plan.VmContexts;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.vm.VmDefinition;

/**
 * The plan of a VM on a host whose file systems all store labels, and no file has one.
 *
 * @param writes each name of a file, and whether the VM may write it
 * @param problems if any, the VM does not start
 */
record PlanOfLine(Map<String, Boolean> writes, List<Problem> problems) {
    private static final Level LEVEL = Level.parse("s0:c1,c2").orElseThrow();

    static PlanOfLine of(
            Linux linux, ServicePlaces service, HeldFiles held, VmDefinition definition, List<HostPath> lookedFor) {
        try (FileSet files = new FileSetBuilder(
                        linux.open(),
                        new ChainWalker<>(new LinuxImageOpener(linux.open()), ChainLimits.DEFAULT),
                        SystemFiles.DEFAULT,
                        new ServiceFiles(linux.open(), linux.entries(), service),
                        new HeaderRules(linux.open(), Optional.empty(), () -> _ -> Optional.empty()))
                .build(definition, lookedFor)) {
            SequencedMap<VmFile, LabelState> labels = new LinkedHashMap<>();
            files.files().forEach(file -> labels.put(file, new LabelState.Unlabelled()));
            VmContexts contexts = new VmContexts(
                    LEVEL,
                    context("svirt_t", "s0:c1,c2"),
                    context("svirt_image_t", "s0:c1,c2"),
                    context("virt_content_t", "s0"),
                    context("svirt_image_t", "s0"));
            List<Problem> problems = new ArrayList<>(files.problems());
            problems.addAll(new Planner()
                    .plan(labels, contexts, held, Set.of(), new HandoverSupport.Impossible("no"))
                    .problems());
            return new PlanOfLine(names(files), problems);
        }
    }

    private static SecurityContext context(String type, String level) {
        return new SecurityContext("system_u", "object_r", type, level);
    }

    private static Map<String, Boolean> names(FileSet files) {
        Map<String, Boolean> names = new TreeMap<>();
        for (VmFile file : files.files()) {
            names.merge(file.path().toString(), isWritten(file), Boolean::logicalOr);
        }
        files.names()
                .forEach((name, _) -> files.file(name)
                        .ifPresent(file -> names.merge(name.toString(), isWritten(file), Boolean::logicalOr)));
        return names;
    }

    private static boolean isWritten(VmFile file) {
        return file.uses().stream().anyMatch(FileUse::isWriting);
    }
}
