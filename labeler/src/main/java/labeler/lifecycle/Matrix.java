package labeler.lifecycle;

import java.util.List;
import java.util.Optional;
import labeler.json.Checked;
import labeler.linux.HostPath;
import labeler.problem.Worded;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * Which VM can reach which file, as the kernel decides it from what the process and the file have just now.
 *
 * @param access one row for each VM, one for each file in it
 */
public record Matrix(List<Row> vms, List<Column> files, List<List<Access>> access) implements Checked {
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

    /** What a VM may do with a file. */
    public Access access(int vm, int file) {
        return access.get(vm).get(file);
    }

    /**
     * Whether a VM can write a file that it does not hold. Reading is for all who read the same base; what can be used as
     * a descriptor alone is in reach of nobody whom the service hands none.
     */
    public boolean isTooMuch(int vm, int file) {
        return !isHolder(vm, file) && access(vm, file) == Access.READ_WRITE;
    }

    /** Whether a VM cannot reach a file that it holds. */
    public boolean isTooLittle(int vm, int file) {
        return isHolder(vm, file) && access(vm, file) == Access.NONE;
    }

    private boolean isHolder(int vm, int file) {
        return files.get(file).holders().contains(vms.get(vm).vm());
    }

    /** A VM and the context that its process runs at, or will. */
    public record Row(VmName vm, SecurityContext processContext) {}

    /**
     * A file of one of the VMs.
     *
     * @param context what it has on disk; empty for none, which no VM may touch
     * @param holders the VMs that hold it
     */
    public record Column(HostPath path, Optional<StoredLabel> context, List<VmName> holders) {
        public Column {
            holders = List.copyOf(holders);
        }
    }

    /** What the policy allows. */
    public enum Access implements Worded {
        NONE,
        READ,
        READ_WRITE,
        /** Not to open it, but to use what was opened by others. */
        DESCRIPTOR
    }
}
