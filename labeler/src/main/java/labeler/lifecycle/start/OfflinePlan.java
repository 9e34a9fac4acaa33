package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.plan.PlanMaker;
import labeler.lifecycle.plan.ReservedPairs;
import labeler.plan.HeldFiles;
import labeler.problem.Problem;

/** A plan without the service: from the definition, the images and the policy, but not from other VMs' files. */
public final class OfflinePlan {
    /** The default place of the VMs' directories. */
    private static final Path DIRECTORIES = Path.of("/run/labeler/vms");

    private final FileSetBuilder fileSets;
    private final PlanMaker planMaker;
    private final Confinement confinement;

    @Inject
    OfflinePlan(FileSetBuilder fileSets, PlanMaker planMaker, Confinement confinement) {
        this.fileSets = fileSets;
        this.planMaker = planMaker;
        this.confinement = confinement;
    }

    /** The effects of a start if no other VM existed; changes nothing. */
    public PlanOutcome plan(StartRequest request) {
        try (FileSet files = fileSets.build(request.definition(), request.lookedFor())) {
            return switch (planMaker.look(request, files)) {
                case PlanMaker.NotLooked(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
                case PlanMaker.Looked looked -> plan(request, files, looked);
            };
        }
    }

    private PlanOutcome plan(StartRequest request, FileSet files, PlanMaker.Looked looked) {
        return switch (planMaker.prepare(
                request, looked, HeldFiles.unknown(), ReservedPairs.none(), request.planned(planMaker.domains()))) {
            case PlanMaker.Prepared prepared ->
                new PlanOutcome.Planned(VmViews.planned(
                        request,
                        files,
                        prepared,
                        confinement.of(
                                request,
                                prepared.contexts().process(),
                                prepared.plan().passed()),
                        List.of(),
                        request.commandLine()
                                .map(commandLine -> DescriptorHandover.rewrite(
                                        commandLine,
                                        files,
                                        prepared.plan(),
                                        DIRECTORIES.resolve(request.name().asFileName())))));
            case PlanMaker.NoLevel(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
        };
    }
}
