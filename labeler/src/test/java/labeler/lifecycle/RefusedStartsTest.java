package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.problem.Problem;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.HotplugArguments;
import labeler.vm.qemu.hotplug.HotplugDisk;
import org.junit.jupiter.api.Test;

/** A refused start or attach does not change the trust in an image. */
class RefusedStartsTest extends RewrittenHeaderTest {
    private static void assertOnly(Problem.Kind kind, List<Problem> problems) {
        assertThat(problems).extracting(Problem::kind).containsExactly(kind);
    }

    @Test
    void the_disk_of_a_running_vm_named_as_raw_by_another_is_its_own_vms_as_before() {
        web1().start();
        assertOnly(
                Problem.Kind.IN_USE,
                host.vm("web2").disk("/vm/a", ImageFormat.RAW).refusal());

        assertThat(host.stop("web1").problems()).isEmpty();
        web1().start();
    }

    @Test
    void the_disk_of_a_running_vm_named_as_a_log_by_another_is_its_own_vms_as_before() {
        web1().start();
        assertOnly(
                Problem.Kind.IN_USE,
                host.vm("web2").file("/vm/a", FileRole.LOG, UseAccess.CREATE).refusal());

        assertThat(host.stop("web1").problems()).isEmpty();
        web1().start();
    }

    @Test
    void the_disk_of_a_stopped_vm_named_by_a_start_that_fails_is_its_own_vms_as_before() {
        web1().start();
        host.stop("web1");
        host.vm("web3").disk("/vm/b", ImageFormat.QCOW2).level("s0:c1,c2").start();
        assertOnly(
                Problem.Kind.LEVEL_IN_USE,
                host.vm("web2").disk("/vm/a", ImageFormat.RAW).level("s0:c1,c2").refusal());

        web1().start();
    }

    /** Its process ends once the child is the VM. */
    @Test
    void a_qemu_that_becomes_a_daemon_is_nothing_to_run() {
        host.kernel.processes().start(78);
        assertOnly(
                Problem.Kind.UNSUPPORTED,
                host.vm("web3")
                        .qemu("-daemonize", "-drive", "format=qcow2,file=/vm/a")
                        .pid(78)
                        .run()
                        .refusal());

        // Who starts it elsewhere tells the daemon's own number.
        host.vm("web3")
                .qemu("-daemonize", "-drive", "format=qcow2,file=/vm/a")
                .pid(78)
                .start();
    }

    @Test
    void an_attach_that_is_refused_leaves_the_image_as_it_was() {
        host.kernel.processes().start(77);
        host.vm("web2").disk("/vm/b", ImageFormat.QCOW2).pid(77).start();
        web1().start();
        AttachOutcome outcome = host.lifecycle().attach(rawDisk("/vm/a")).orElseThrow();
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        AttachOutcome.NotAttached.class, not -> assertOnly(Problem.Kind.IN_USE, not.problems()));

        assertThat(host.stop("web1").problems()).isEmpty();
        web1().start();
    }

    private static AttachRequest rawDisk(String image) {
        HotplugArguments options = new HotplugArguments(
                List.of("driver=raw,node-name=n1,file.driver=file,file.filename=" + image),
                Optional.of("scsi-hd,drive=n1,id=d1,lun=3"));
        return switch (HotplugDisk.read(options)) {
            case HotplugDisk.Understood(HotplugDisk disk) ->
                new AttachRequest(new VmName("web2"), disk, Optional.empty(), new StartRequest.Owner(0, 0));
            case HotplugDisk.NotUnderstood(String message) -> throw new AssertionError(message);
        };
    }

    @Test
    void a_vm_that_only_reads_an_image_otherwise_leaves_it_as_it_was() {
        web1().start();
        host.stop("web1");
        host.vm("web2").readOnlyDisk("/vm/a", ImageFormat.RAW).start();
        host.stop("web2");

        web1().start();
    }

    @Test
    void a_start_that_is_refused_a_new_reference_keeps_it_for_the_report_at_the_stop() {
        web1().start();
        rewrite(OTHER);
        assertOnly(
                Problem.Kind.NEW_REFERENCE,
                host.vm("web2").disk("/vm/a", ImageFormat.QCOW2).refusal());

        assertOnly(Problem.Kind.NEW_REFERENCE, host.stop("web1").problems());
        assertOnly(Problem.Kind.NEW_REFERENCE, web1().refusal());
    }

    @Test
    void an_image_that_a_failed_start_saw_first_is_as_unknown_as_before() {
        host.vm("web3").disk("/vm/b", ImageFormat.QCOW2).level("s0:c1,c2").start();
        assertOnly(
                Problem.Kind.LEVEL_IN_USE,
                host.vm("web2").disk("/vm/a", ImageFormat.RAW).level("s0:c1,c2").refusal());

        web1().start();
    }

    @Test
    void a_log_that_a_vm_has_written_is_believed_nothing_as_an_image() {
        host.vm("web2").file(OTHER, FileRole.LOG, UseAccess.CREATE).start();
        host.kernel.write(OTHER, Qcow2Builder.overlay("base", "raw").build());
        host.stop("web2");

        assertOnly(
                Problem.Kind.NEW_REFERENCE,
                host.vm("web1").disk(OTHER, ImageFormat.QCOW2).refusal());
    }

    @Test
    void a_log_that_was_made_goes_again_where_the_journal_takes_no_hold_of_it() {
        host.journal().failHold(2);

        assertOnly(
                Problem.Kind.JOURNAL_FAILED,
                host.vm("web2")
                        .disk("/vm/b", ImageFormat.QCOW2)
                        .file("/vm/log", FileRole.LOG, UseAccess.CREATE)
                        .refusal());

        assertThat(host.kernel.status("/vm/log")).isEmpty();
        assertThat(host.label("/vm/b")).isEqualTo("none");
    }

    @Test
    void a_log_that_was_made_for_a_vm_is_believed_nothing_as_an_image() {
        host.vm("web2")
                .disk("/vm/b", ImageFormat.QCOW2)
                .file("/vm/log", FileRole.LOG, UseAccess.CREATE)
                .start();
        host.kernel.write("/vm/log", Qcow2Builder.overlay("base", "raw").build());
        host.stop("web2");

        assertOnly(
                Problem.Kind.NEW_REFERENCE,
                host.vm("web1").disk("/vm/log", ImageFormat.QCOW2).refusal());
    }
}
