package labeler.lifecycle;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import labeler.chain.ImageFormat;
import labeler.launch.HandedDescriptor;
import labeler.linux.Errno;
import labeler.linux.FileStatus;
import labeler.linux.FileUser;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.FakeMount;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.VmName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Outputs that do not exist yet, on a file system that stores no labels. */
class OutputsTest extends HostTest {
    private static final String DISK = "format=raw,file=/nfs/disk";
    private static final String LOG = "file,id=log,path=/nfs/log";

    private FakeMount nfs = new FakeLinux().mount("/");

    OutputsTest() {}

    @BeforeEach
    void aDiskThere() {
        nfs = host.kernel.mount("/nfs").withoutAttributes();
        host.raw("/nfs/disk");
        host.kernel.processes().start(77);
    }

    @AfterEach
    void theProcessEnds() {
        host.kernel.faults().clear();
        host.kernel.processes().end(77);
        eventually(() -> host.lifecycle().status().isEmpty());
    }

    private TestVm vm(String... options) {
        return host.vm("one").qemu(options).pid(77).run();
    }

    private List<HandedDescriptor> taken() {
        return host.handovers.take(new ProcessIdentity(new Pid(77), 100)).orElseThrow();
    }

    private static void closed(List<HandedDescriptor> handed) {
        handed.forEach(HandedDescriptor::close);
    }

    @Test
    void one_is_made_for_root_alone_handed_over_and_stays_when_the_vm_ends() {
        VmView view = vm("-drive", DISK, "-chardev", LOG).start();

        assertThat(view.files())
                .hasSize(2)
                .allSatisfy(file -> assertThat(file.treatment()).isEqualTo(Treatment.PASS));
        List<HandedDescriptor> handed = taken();
        // And the socket of the monitor.
        assertThat(handed).hasSize(3);
        closed(handed);
        FileStatus made = host.kernel.status("/nfs/log").orElseThrow();
        assertThat(made.mode()).isEqualTo(0600);
        assertThat(made.uid()).isZero();
        host.stop("one");
        assertThat(host.kernel.status("/nfs/log")).contains(made);
    }

    @Test
    void others_start_while_a_file_server_takes_its_time() {
        host.kernel
                .faults()
                .beforeNext(
                        "open",
                        () -> CompletableFuture.runAsync(() -> host.vm("other")
                                        .disk("/vm/a", ImageFormat.QCOW2)
                                        .start())
                                .orTimeout(60, TimeUnit.SECONDS)
                                .join());

        vm("-chardev", LOG).start();

        closed(taken());
        host.stop("other");
    }

    @Test
    void a_plan_says_so_and_makes_nothing() {
        PlanOutcome outcome = host.lifecycle().plan(vm("-chardev", LOG).request());

        assertThat(outcome).isInstanceOfSatisfying(PlanOutcome.Planned.class, planned -> {
            assertThat(planned.vm().problems()).isEmpty();
            assertThat(planned.vm().files())
                    .singleElement()
                    .satisfies(file -> assertThat(file.treatment()).isEqualTo(Treatment.PASS));
        });
        assertThat(host.kernel.status("/nfs/log")).isEmpty();
    }

    @Test
    void a_second_vm_that_writes_it_is_a_conflict() {
        vm("-chardev", LOG).start();
        closed(taken());

        host.vm("two").qemu("-chardev", LOG).pid(77).run().isRefused(Problem.Kind.IN_USE);
        assertThat(host.kernel.status("/nfs/log")).isPresent();
    }

    @Test
    void a_start_that_fails_takes_away_what_it_made_there_and_elsewhere() {
        host.kernel.faults().failAlways("open", "/nfs/disk", Errno.EIO);

        vm("-drive", DISK, "-chardev", LOG, "-chardev", "file,id=near,path=/vm/near.log")
                .refusal();

        assertThat(host.kernel.status("/nfs/log")).isEmpty();
        assertThat(host.kernel.status("/vm/near.log")).isEmpty();
    }

    @Test
    void a_start_whose_journal_is_full_takes_it_away_too() {
        host.journal().failAt(1);

        vm("-chardev", LOG).isRefused(Problem.Kind.JOURNAL_FAILED);
        assertThat(host.kernel.status("/nfs/log")).isEmpty();
    }

    @Test
    void where_the_second_cannot_be_made_the_first_is_gone_again() {
        host.kernel.faults().failAlways("open", "/nfs/second", Errno.ENOSPC);

        vm("-chardev", LOG, "-chardev", "file,id=second,path=/nfs/second")
                .isRefusedWith("cannot be made", "No space left");
        assertThat(host.kernel.status("/nfs/log")).isEmpty();
    }

    @Test
    void one_that_another_vm_has_taken_up_meanwhile_stays() {
        host.kernel.processes().start(78);
        host.kernel.faults().failAlways("open", "/nfs/disk", Errno.EIO);
        // By then the first has given up, and begins to clean up with the file that it made elsewhere.
        host.kernel
                .faults()
                .beforeNext(
                        "unlinkat",
                        () -> host.vm("two").qemu("-chardev", LOG).pid(78).run().start());

        vm("-drive", DISK, "-chardev", LOG, "-chardev", "file,id=near,path=/vm/near.log")
                .refusal();

        assertThat(host.kernel.status("/nfs/log")).isPresent();
        assertThat(host.lifecycle().status(new VmName("two"))).isPresent();
        host.kernel.processes().end(78);
    }

    @Test
    void nothing_is_made_for_a_start_that_its_command_line_forbids() {
        host.kernel.faults().forgetCalls();

        vm("-chardev", LOG, "-D", "/nfs/qemu.log")
                .isRefusedWith("-D", "writes it by its name", "a file system that stores labels");

        assertThat(host.kernel.faults().calls())
                .noneMatch(call -> call.changes() && call.name().equals("open"));
    }

    @Test
    void a_pid_file_there_is_refused_with_the_way_out() {
        assertThat(vm("-drive", DISK, "-pidfile", "/nfs/pid").refusal())
                .singleElement()
                .satisfies(problem -> {
                    assertThat(problem.file())
                            .hasValueSatisfying(
                                    file -> assertThat(file.printable()).isEqualTo("/nfs/pid"));
                    assertThat(problem.message()).contains("-pidfile", "writes it by its name");
                });
    }

    @Test
    void a_pid_file_elsewhere_is_qemus_own_affair() {
        VmView view = vm("-drive", DISK, "-pidfile", "/vm/pid").start();
        closed(taken());

        assertThat(view.files())
                .extracting(FileView::treatment)
                .containsExactlyInAnyOrder(Treatment.PASS, Treatment.LEAVE);
    }

    @Test
    void on_an_export_that_squashes_root_it_belongs_to_the_user_that_is_named() throws IOException {
        nfs.squashingRoot();
        host.kernel.owner("/nfs", 64055, 64055, 0755);
        vm("-chardev", LOG).isRefusedWith("Permission denied");

        host.openSquashedAs(new FileUser(64055, 64055));

        vm("-chardev", LOG).start();
        closed(taken());
        FileStatus made = host.kernel.status("/nfs/log").orElseThrow();
        assertThat(new FileUser(made.uid(), made.gid())).isEqualTo(new FileUser(64055, 64055));
    }

    @Test
    void and_there_it_goes_as_well_when_the_start_fails() throws IOException {
        nfs.squashingRoot();
        host.kernel.owner("/nfs", 64055, 64055, 0755);
        host.openSquashedAs(new FileUser(64055, 64055));
        host.journal().failAt(1);

        vm("-chardev", LOG).refusal();

        assertThat(host.kernel.status("/nfs/log")).isEmpty();
    }

    @Test
    void whoever_starts_qemu_without_the_launcher_is_refused_and_nothing_is_made() {
        host.vm("one").qemu("-chardev", LOG).pid(77).isRefusedWith("labeler run");
        assertThat(host.kernel.status("/nfs/log")).isEmpty();
        assertThat(host.lifecycle().status(new VmName("one"))).isEmpty();
    }
}
