package labeler.lifecycle;

import java.util.List;
import labeler.linux.HostPath;
import labeler.problem.Worded;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/**
 * Which VM can reach which file, as the kernel decides it from what the process and the file have just now.
 *
 * @param cells one row for each VM, one access for each file
 */
public record Matrix(List<Row> rows, List<Column> columns, List<List<Access>> cells) {
    public Matrix {
        rows = List.copyOf(rows);
        columns = List.copyOf(columns);
        cells = cells.stream().map(List::copyOf).toList();
    }

    /** A VM and the context that its process runs at, or will. */
    public record Row(VmName name, SecurityContext process) {}

    /**
     * A file of one of the VMs.
     *
     * @param label what it has on disk; empty for none, which no VM may touch
     * @param holders the VMs that hold it
     */
    public record Column(HostPath path, java.util.Optional<StoredLabel> label, List<VmName> holders) {
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
