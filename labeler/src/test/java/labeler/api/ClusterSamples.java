package labeler.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import labeler.lifecycle.FileView;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import labeler.registry.HostName;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/** What is shown of other hosts. */
public final class ClusterSamples {
    public static final Instant ASKED = Instant.parse("2026-11-27T07:44:55.123Z");

    private ClusterSamples() {}

    public static List<HostName> hosts(int number) {
        return IntStream.rangeClosed(1, number)
                .mapToObj(one -> new HostName("host-%02d".formatted(one)))
                .toList();
    }

    /** One VM with one file, which so many other hosts hold as well. */
    public static VmView vm(int hosts) {
        VmView bare = Samples.bareVm();
        FileView base = new FileView(
                HostPath.of("/pool/base"),
                Treatment.LABEL,
                Optional.empty(),
                Optional.empty(),
                "read by VMs",
                List.of(),
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Optional.empty(),
                hosts(hosts));
        return new VmView(
                bare.vm(),
                bare.state(),
                bare.pid(),
                bare.level(),
                bare.processContext(),
                bare.imageContext(),
                bare.walls(),
                bare.runtimeDirectory(),
                bare.guard(),
                bare.monitor(),
                List.of(base),
                bare.external(),
                bare.problems(),
                bare.warnings(),
                bare.landlock(),
                bare.rewritten(),
                bare.since(),
                Optional.of(ASKED));
    }

    /** Two files of one VM. So many other hosts hold the first. */
    public static Matrix matrix(int hosts) {
        VmName web = new VmName("web");
        return new Matrix(
                List.of(new Matrix.Row(web, Samples.PROCESS, Optional.empty())),
                List.of(
                        new Matrix.Column(
                                HostPath.of("/pool/base"),
                                Optional.of(StoredLabel.of(Samples.IMAGE)),
                                List.of(web),
                                hosts(hosts),
                                Optional.of(ASKED)),
                        new Matrix.Column(
                                HostPath.of("/pool/disk"),
                                Optional.empty(),
                                List.of(web),
                                List.of(),
                                Optional.of(ASKED))),
                List.of(List.of(Matrix.Reach.READ, Matrix.Reach.READ_WRITE)));
    }
}
