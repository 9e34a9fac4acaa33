package labeler.api;

import java.util.List;
import labeler.lifecycle.VmView;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** What a start of each of libvirt's domains would meet. */
public record DomainsReport(List<Planned> domains) {
    public DomainsReport {
        domains = List.copyOf(domains);
    }

    /** A domain with a plan, which may have problems. */
    public static Planned planned(VmView vm) {
        return new Planned(vm.vm(), vm.problems().isEmpty(), vm.files().size(), vm.problems(), vm.warnings());
    }

    /** A domain without a plan. */
    public static Planned unplanned(VmName domain, List<Problem> problems) {
        return new Planned(domain, false, 0, problems, List.of());
    }

    /**
     * One domain.
     *
     * @param accepted whether a start would be accepted now
     * @param files the number of files in its set; 0 if nothing is known of them
     * @param problems why it would be refused
     */
    public record Planned(VmName domain, boolean accepted, int files, List<Problem> problems, List<Problem> warnings) {
        public Planned {
            problems = List.copyOf(problems);
            warnings = List.copyOf(warnings);
        }
    }
}
