package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.problem.Problem;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.HotplugArguments;
import labeler.vm.qemu.hotplug.HotplugDisk;
import org.junit.jupiter.api.BeforeEach;

/** A VM that runs on a host, and a disk to attach. */
abstract class DiskHostTest extends HostTest {
    static final VmName ONE = new VmName("one");

    @BeforeEach
    void aVmThatRuns() {
        host.kernel.mount("/nfs").withoutAttributes();
        host.raw("/nfs/base");
        host.overlay("/nfs/top", "base", "raw");
        host.kernel.processes().start(77);
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).pid(77).start();
    }

    AttachRequest request(String image, int uid) {
        return request(ONE, image, uid);
    }

    AttachRequest request(VmName vm, String image, int uid) {
        HotplugArguments options = new HotplugArguments(
                List.of("driver=qcow2,node-name=n1,file.driver=file,file.filename=" + image),
                Optional.of("scsi-hd,drive=n1,id=d1,lun=3"));
        return switch (HotplugDisk.read(options)) {
            case HotplugDisk.Understood(HotplugDisk disk) ->
                new AttachRequest(vm, disk, Optional.empty(), new StartRequest.Owner(uid, uid));
            case HotplugDisk.NotUnderstood(String message) -> throw new AssertionError(message);
        };
    }

    AttachOutcome tryAttach(String image) {
        return host.lifecycle().attach(request(image, 0)).orElseThrow();
    }

    VmView attach(String image) {
        return switch (tryAttach(image)) {
            case AttachOutcome.Attached(VmView vm, String _) -> vm;
            case AttachOutcome.NotAttached(List<Problem> problems) -> throw new AssertionError(problems);
        };
    }

    Problem refusal(String image) {
        return switch (tryAttach(image)) {
            case AttachOutcome.Attached(VmView vm, String _) -> throw new AssertionError(vm);
            case AttachOutcome.NotAttached(List<Problem> problems) -> problems.getFirst();
        };
    }

    DetachOutcome tryDetach() {
        return host.lifecycle()
                .detach(new DetachRequest(ONE, "d1", Optional.empty()))
                .orElseThrow();
    }

    VmReport detach() {
        return switch (tryDetach()) {
            case DetachOutcome.Detached(VmReport report) -> report;
            case DetachOutcome.NotDetached(List<Problem> problems) -> throw new AssertionError(problems);
        };
    }

    Problem detachRefusal() {
        return switch (tryDetach()) {
            case DetachOutcome.Detached(VmReport report) -> throw new AssertionError(report);
            case DetachOutcome.NotDetached(List<Problem> problems) -> problems.getFirst();
        };
    }

    /** Checks that all is as if no disk had ever joined: on disk, in qemu and in the journal. */
    void assertAsBefore() {
        assertThat(host.label("/vm/b")).isEqualTo("none");
        assertThat(host.label("/vm/a")).startsWith(TestHost.IMAGE_TYPE);
        assertThat(host.label("/vm/base")).isEqualTo(TestHost.CONTENT);
        assertThat(host.qemu.sets()).isEmpty();
        assertThat(host.qemu.nodes()).isEmpty();
        assertThat(host.qemu.devices()).isEmpty();
        VmView vm = host.lifecycle().status(ONE).orElseThrow();
        assertThat(vm.state()).isEqualTo(VmState.RUNNING);
        assertThat(vm.files())
                .hasSize(2)
                .allSatisfy(file -> assertThat(file.disk()).isEmpty());
    }
}
