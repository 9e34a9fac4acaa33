package labeler.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import labeler.fileset.FileUse;
import labeler.lifecycle.FileView;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.VmName;

/**
 * The answers that a start of each of libvirt's domains would get.
 *
 * @param conflicts files for which only one of several domains can run at a time
 */
public record DomainsReport(List<Planned> domains, List<Conflict> conflicts) {
    public DomainsReport {
        domains = List.copyOf(domains);
        conflicts = List.copyOf(conflicts);
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

    /**
     * A file that a domain wants for itself, and that others name as well.
     *
     * @param writers the domains that write it
     * @param readers the domains that only read it
     */
    public record Conflict(HostPath path, List<VmName> writers, List<VmName> readers) {
        public Conflict {
            writers = List.copyOf(writers);
            readers = List.copyOf(readers);
        }
    }

    /** Collects the plans, one after the other, and compares their files. */
    public static final class Builder {
        private final List<Planned> domains = new ArrayList<>();

        /** By path, in the order of the names. */
        private final Map<String, Users> users = new TreeMap<>();

        /** The domains that use one file. */
        private static final class Users {
            private final HostPath path;
            private final List<VmName> writers = new ArrayList<>();
            private final List<VmName> readers = new ArrayList<>();
            private boolean isForOne;

            Users(HostPath path) {
                this.path = path;
            }
        }

        /** A domain with a plan, which may have problems. */
        public void planned(VmView vm) {
            domains.add(new Planned(vm.vm(), vm.problems().isEmpty(), vm.files().size(), vm.problems(), vm.warnings()));
            vm.files().stream()
                    .filter(file -> file.treatment() != Treatment.LEAVE)
                    .forEach(file -> used(vm.vm(), file));
        }

        /** A domain without a plan. */
        public void notPlanned(VmName domain, List<Problem> problems) {
            domains.add(new Planned(domain, false, 0, problems, List.of()));
        }

        private void used(VmName domain, FileView file) {
            Users of = users.computeIfAbsent(file.path().printable(), _ -> new Users(file.path()));
            boolean isWriting = file.uses().stream().anyMatch(FileUse::isWriting);
            (isWriting ? of.writers : of.readers).add(domain);
            // A label without categories is for all VMs: the definitions say that they share the file.
            of.isForOne |= isWriting
                    && file.context().map(label -> label.level().contains(":")).orElse(true);
        }

        public DomainsReport build() {
            return new DomainsReport(
                    domains,
                    users.values().stream()
                            .filter(of -> of.isForOne && of.writers.size() + of.readers.size() > 1)
                            .map(of -> new Conflict(of.path, of.writers, of.readers))
                            .toList());
        }
    }
}
