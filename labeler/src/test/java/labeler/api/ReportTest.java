package labeler.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.FileReport.Outcome;
import labeler.lifecycle.VmReport;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.problem.Problem.Kind;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class ReportTest {
    private static final HostPath DISK = HostPath.of("/vm/web1.qcow2");
    private static final HostPath BASE = HostPath.of("/vm/base.qcow2");

    /** Where SELinux enforces, a lost label is two findings: what the file has, and that the kernel denies it so. */
    @Test
    void a_file_with_the_wrong_label_counts_once() {
        List<FileReport> files = List.of(
                new FileReport(DISK, Outcome.CHANGED_BY_OTHERS, "has another"),
                new FileReport(BASE, Outcome.AS_EXPECTED, "as it should be"));

        assertThat(drift(files, List.of(Problem.of(Kind.KERNEL_DISAGREES, DISK, "denied"))))
                .isEqualTo(1);
        assertThat(drift(files, List.of(Problem.of(Kind.KERNEL_DISAGREES, BASE, "denied"))))
                .isEqualTo(2);
        assertThat(drift(files, List.of(Problem.of(Kind.KERNEL_DISAGREES, "no policy"))))
                .isEqualTo(2);
        assertThat(drift(files, List.of(Problem.of(Kind.NEW_REFERENCE, DISK, "the VM wrote it"))))
                .isEqualTo(2);
        assertThat(drift(List.of(files.getLast()), List.of())).isZero();
    }

    private static long drift(List<FileReport> files, List<Problem> problems) {
        return Report.Verified.of(new VmReport(new VmName("web1"), files, problems, Optional.empty()))
                .drift();
    }
}
