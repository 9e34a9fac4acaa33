package labeler.vm;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;

/**
 * A VM's definition, as far as it concerns files.
 *
 * @param uuid by which other hosts know a VM that moves; empty if the definition names none, or is a command line
 * @param processContext the context that the definition asks for (libvirt's {@code <seclabel>}); empty if the service
 *     chooses
 * @param problems if any, the definition is not fully understood, and the VM is refused
 * @param wishes about labels
 * @param programs names of the program that is to become the VM; empty if the definition does not tell which file it is
 */
public record VmDefinition(
        Optional<UUID> uuid,
        List<DeclaredUse> uses,
        List<DeclaredExternal> external,
        Optional<SecurityContext> processContext,
        Acceleration acceleration,
        List<Problem> problems,
        LabelWishes wishes,
        List<HostPath> programs) {

    /** A definition that asks for nothing about labels. */
    public VmDefinition(
            List<DeclaredUse> uses,
            List<DeclaredExternal> external,
            Optional<SecurityContext> processContext,
            Acceleration acceleration,
            List<Problem> problems) {
        this(uses, external, processContext, acceleration, problems, LabelWishes.NONE);
    }

    /** A definition without a UUID. */
    public VmDefinition(
            List<DeclaredUse> uses,
            List<DeclaredExternal> external,
            Optional<SecurityContext> processContext,
            Acceleration acceleration,
            List<Problem> problems,
            LabelWishes wishes) {
        this(Optional.empty(), uses, external, processContext, acceleration, problems, wishes, List.of());
    }

    /** The way the guest's instructions run: policies give emulation a type of its own ({@code svirt_tcg_t}). */
    public enum Acceleration {
        HARDWARE,
        EMULATION
    }

    public VmDefinition {
        uses = List.copyOf(uses);
        external = List.copyOf(external);
        problems = List.copyOf(problems);
        programs = List.copyOf(programs);
    }

    /** The same before a start: a level that libvirt has drawn goes with its run. */
    public VmDefinition withoutDrawnContext() {
        return wishes.isStatic() ? this : with(Optional.empty(), wishes);
    }

    /** The same with a context of its own. */
    public VmDefinition withOwnContext(SecurityContext context) {
        return with(Optional.of(context), wishes.asStatic());
    }

    /** The same with one more reason to refuse it. */
    public VmDefinition withProblem(Problem problem) {
        List<Problem> more =
                Stream.concat(problems.stream(), Stream.of(problem)).toList();
        return new VmDefinition(uuid, uses, external, processContext, acceleration, more, wishes, programs);
    }

    private VmDefinition with(Optional<SecurityContext> process, LabelWishes changed) {
        return new VmDefinition(uuid, uses, external, process, acceleration, problems, changed, programs);
    }
}
