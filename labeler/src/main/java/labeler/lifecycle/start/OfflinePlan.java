package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.plan.PlanMaker;
import labeler.plan.HeldFiles;
import labeler.problem.Problem;

/** A plan without the service: what the definition, the images and the policy say; not what other VMs hold. */
public final class OfflinePlan {
    /** Where the service makes a VM's directory unless its settings say otherwise. */
    private static final Path DIRECTORIES = Path.of("/run/labeler/vms");

    private final FileSetBuilder fileSets;
    private final PlanMaker planMaker;

    @Inject
    OfflinePlan(FileSetBuilder fileSets, PlanMaker planMaker) {
        this.fileSets = fileSets;
        this.planMaker = planMaker;
    }

    /** What a start would do if no other VM were there; changes nothing. */
    public PlanOutcome plan(StartRequest request) {
        try (FileSet files = fileSets.build(request.definition())) {
            return switch (planMaker.look(request.pid(), files)) {
                case PlanMaker.NotLooked(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
                case PlanMaker.Looked looked -> plan(request, files, looked);
            };
        }
    }

    private PlanOutcome plan(StartRequest request, FileSet files, PlanMaker.Looked looked) {
        return switch (planMaker.prepare(
                request, looked, HeldFiles.unknown(), Set.of(), request.planned(planMaker.domains()))) {
            case PlanMaker.Prepared prepared ->
                new PlanOutcome.Planned(VmViews.planned(
                        request,
                        files,
                        prepared,
                        Set.of(),
                        List.of(),
                        DIRECTORIES.resolve(request.name().asFileName())));
            case PlanMaker.NoLevel(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
        };
    }
}
