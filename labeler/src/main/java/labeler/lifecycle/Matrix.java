package labeler.lifecycle;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import labeler.json.Checked;
import labeler.json.LeftOut;
import labeler.linux.HostPath;
import labeler.problem.Worded;
import labeler.registry.HostName;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * Which VM can reach which file: the kernel's decision for the present labels of processes and files. Where SELinux
 * does not enforce, it is what the VM's Landlock ruleset lets through.
 *
 * @param access one row for each VM, one column for each file
 */
public record Matrix(List<Row> vms, List<Column> files, List<List<Reach>> access) implements Checked {
    public Matrix {
        vms = List.copyOf(vms);
        files = List.copyOf(files);
        access = access.stream().map(List::copyOf).toList();
    }

    @Override
    public Optional<String> fault() {
        return access.size() == vms.size() && access.stream().allMatch(row -> row.size() == files.size())
                ? Optional.empty()
                : Optional.of("\"access\" must have a row for each VM, and in it a word for each file");
    }

    /** The access of a VM to a file. */
    public Reach access(int vm, int file) {
        return access.get(vm).get(file);
    }

    /**
     * Whether a VM can write a file that it does not hold. All VMs with the same base may read it. A VM that may only
     * use descriptors reaches no file unless the service hands it one.
     */
    public boolean isTooMuch(int vm, int file) {
        return !isHolder(vm, file) && access(vm, file) == Reach.READ_WRITE;
    }

    /** Whether a VM cannot reach a file that it holds. */
    public boolean isTooLittle(int vm, int file) {
        return isHolder(vm, file) && access(vm, file) == Reach.NONE;
    }

    private boolean isHolder(int vm, int file) {
        return files.get(file).holders().contains(vms.get(vm).vm());
    }

    /** Whether nothing at all keeps a VM from other VMs' files. */
    public boolean isOpen(int vm) {
        return vms.get(vm).decidedBy().equals(Optional.of(Decider.NOTHING));
    }

    /**
     * A VM and the present or future context of its process.
     *
     * @param decidedBy who decides its accesses; empty in the answer of an older service, which asked SELinux alone
     */
    public record Row(
            VmName vm,
            SecurityContext processContext,
            @LeftOut Optional<Decider> decidedBy) {}

    /**
     * A file of one of the VMs.
     *
     * @param context its label on disk; empty for none, which no VM may touch
     * @param holders the VMs that hold it
     * @param otherHosts those that hold it as well, as they told last; none without a cluster
     * @param otherHostsAsked when that was; empty for a file of this host alone, and until they have answered
     */
    public record Column(
            HostPath path,
            Optional<StoredLabel> context,
            List<VmName> holders,
            @LeftOut List<HostName> otherHosts,
            @LeftOut Optional<Instant> otherHostsAsked) {
        public Column {
            holders = List.copyOf(holders);
            otherHosts = List.copyOf(otherHosts);
        }
    }

    /** All other hosts that hold one of the files, in the order of their names. */
    public List<HostName> otherHosts() {
        return files.stream()
                .flatMap(file -> file.otherHosts().stream())
                .distinct()
                .sorted()
                .toList();
    }

    /** Who decides. */
    public enum Decider implements Worded {
        /** The loaded policy, which was asked about each label. */
        SELINUX,
        /** The ruleset of its process, as the VM's record has it. */
        LANDLOCK,
        /** The permissions of the files alone. */
        NOTHING
    }

    /** The access that the policy, or the ruleset, allows. */
    public enum Reach implements Worded {
        NONE,
        READ,
        READ_WRITE,
        /** The VM may not open it, but may use a descriptor that others opened. */
        DESCRIPTOR
    }
}
