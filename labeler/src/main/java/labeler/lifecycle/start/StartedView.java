package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.FileSet;
import labeler.launch.Allowance;
import labeler.launch.LandlockPolicy;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.plan.Plan;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;

/** A VM that has just been labelled, as its launcher has to know it: walls, allowances, warnings. */
public final class StartedView {
    private final VmViews views;
    private final KernelCheck kernel;
    private final Confinement confinement;
    private final LandlockPolicy landlock;

    @Inject
    StartedView(VmViews views, KernelCheck kernel, Confinement confinement, LandlockPolicy landlock) {
        this.views = views;
        this.kernel = kernel;
        this.confinement = confinement;
        this.landlock = landlock;
    }

    VmView of(VmStart.Labelled labelled, FileSet files) {
        Plan plan = labelled.prepared().plan();
        SecurityContext process = labelled.vm().contexts().process();
        Set<Wall> standing = confinement.of(labelled.request(), process, plan.passed());
        List<Problem> warnings = new ArrayList<>(files.warnings());
        warnings.addAll(kernel.warnings(process, plan));
        warnings.addAll(confinement.warnings(labelled.vm()));
        warnings.addAll(Confinement.warnings(labelled.request(), standing));
        return views.of(
                labelled.vm(),
                standing,
                labelled.vm().landlock() ? allowances(labelled) : List.of(),
                warnings,
                Optional.of(labelled.handover())
                        .filter(DescriptorHandover.Possible::isNeeded)
                        .map(DescriptorHandover.Possible::rewritten));
    }

    private List<Allowance> allowances(VmStart.Labelled labelled) {
        List<Allowance> allowances =
                new ArrayList<>(landlock.allowances(labelled.prepared().plan().files()));
        labelled.handover()
                .copies()
                .values()
                .forEach(copy -> allowances.add(new Allowance(copy, Allowance.Kind.READ, Optional.empty())));
        return allowances;
    }
}
