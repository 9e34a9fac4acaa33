package labeler.lifecycle.start;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.hold.Views;
import labeler.lifecycle.plan.Preparation;
import labeler.plan.HeldFiles;
import labeler.problem.Problem;

/** A plan without the service: what the definition, the images and the policy say; not what other VMs hold. */
public final class PlanAlone {
    /** Where the service makes a VM's directory unless its settings say otherwise. */
    private static final Path DIRECTORIES = Path.of("/run/labeler/vms");

    private final FileSetBuilder fileSets;
    private final Preparation preparation;

    public PlanAlone(FileSetBuilder fileSets, Preparation preparation) {
        this.fileSets = fileSets;
        this.preparation = preparation;
    }

    /** What a start would do if no other VM were there; changes nothing. */
    public PlanOutcome plan(StartRequest request) {
        try (FileSet files = fileSets.build(request.definition())) {
            return switch (preparation.look(request.pid(), files)) {
                case Preparation.NotLooked(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
                case Preparation.Looked looked -> plan(request, files, looked);
            };
        }
    }

    private PlanOutcome plan(StartRequest request, FileSet files, Preparation.Looked looked) {
        return switch (preparation.prepare(
                request, looked, HeldFiles.unknown(), Set.of(), request.planned(preparation.domains()))) {
            case Preparation.Ready(Preparation.Prepared prepared) ->
                new PlanOutcome.Planned(Views.planned(
                        request,
                        files,
                        prepared.contexts(),
                        prepared.plan(),
                        Set.of(),
                        List.of(),
                        DIRECTORIES.resolve(request.name().asFileName())));
            case Preparation.NoLevel(Problem problem) -> new PlanOutcome.NotPlanned(List.of(problem));
        };
    }
}
