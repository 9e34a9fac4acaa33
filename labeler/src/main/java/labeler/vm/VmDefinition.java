package labeler.vm;

import java.util.List;
import java.util.Optional;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;

/**
 * A VM's definition, as far as it concerns files.
 *
 * @param processContext the context that the definition asks for (libvirt's {@code <seclabel>}); empty if the service
 *     chooses
 * @param problems if any, the definition is not fully understood, and the VM is refused
 * @param wishes about labels
 */
public record VmDefinition(
        List<DeclaredUse> uses,
        List<DeclaredExternal> external,
        Optional<SecurityContext> processContext,
        Acceleration acceleration,
        List<Problem> problems,
        LabelWishes wishes) {

    /** A definition that asks for nothing about labels. */
    public VmDefinition(
            List<DeclaredUse> uses,
            List<DeclaredExternal> external,
            Optional<SecurityContext> processContext,
            Acceleration acceleration,
            List<Problem> problems) {
        this(uses, external, processContext, acceleration, problems, LabelWishes.NONE);
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
    }
}
