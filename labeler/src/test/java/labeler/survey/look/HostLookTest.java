package labeler.survey.look;

import static labeler.waiting.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import labeler.chain.testing.Qcow2Builder;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.CategoryPair;
import labeler.survey.Flaw;
import labeler.survey.FlawKind;
import labeler.survey.HeldFile;
import labeler.survey.HeldVm;
import labeler.survey.Severity;
import labeler.survey.Survey;
import labeler.survey.SurveyRequest;
import labeler.survey.Unseen;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is found on a host. */
class HostLookTest extends MadeUpHost {
    HostLookTest(@TempDir Path directory) {
        super(directory);
    }

    @Test
    void files_that_two_qemus_name_differently_are_one_image() throws IOException {
        kernel.file("/vm/disk", new byte[4096]);
        kernel.symbolicLink("/vm/link", "disk");
        process(11, "c", "qemu-system-x86_64", "-name", "web1", "-drive", "if=none,format=raw,file=disk");
        process(12, "c", "qemu-kvm", "-name", "guest=web2", "-drive", "if=none,format=raw,file=/vm/link");
        process(13, "c", "qemu-img", "convert", "disk");

        Flaw shared = flaw(survey(), FlawKind.SHARED_IMAGE);

        assertThat(shared.severity()).isEqualTo(Severity.DANGER);
        assertThat(shared.names()).isEqualTo("web1 (process 11), web2 (process 12)");
    }

    @Test
    void a_disk_that_has_left_a_running_vm_is_shared_by_nobody() throws IOException {
        kernel.file("/vm/disk", new byte[4096]);
        kernel.file("/vm/now", new byte[4096]);
        process(11, "c", "qemu-system-x86_64", "-name", "web1", "-drive", "if=none,format=raw,file=disk");
        open(11, "/vm/now", true);
        process(12, "c", "qemu-system-x86_64", "-name", "web2", "-drive", "if=none,format=raw,file=disk");
        open(12, "/vm/disk", true);
        assertThat(kinds(survey())).doesNotContain(FlawKind.SHARED_IMAGE);

        process(13, "c", "qemu-system-x86_64", "-name", "web3", "-drive", "if=none,format=raw,file=disk");
        open(13, "/vm/disk", true);
        assertThat(flaw(survey(), FlawKind.SHARED_IMAGE).names()).isEqualTo("web2 (process 12), web3 (process 13)");
    }

    @Test
    void memory_that_does_not_answer_is_not_waited_for_and_that_of_others_not_looked_at() throws Exception {
        for (int pid = 21; pid <= 40; pid++) {
            process(pid, "c", pid == 21 ? "bash" : "qemu-system-x86_64");
            Path arguments = directory.resolve("proc/" + pid + "/cmdline");
            Files.delete(arguments);
            assertThat(new ProcessBuilder("mkfifo", arguments.toString())
                            .start()
                            .waitFor())
                    .isZero();
        }

        Survey survey = assertTimeoutPreemptively(Duration.ofSeconds(20), () -> survey());

        assertThat(survey.looked().running()).isEqualTo(19);
        assertThat(survey.unseen())
                .contains(new Unseen("the command line of process 22", "its memory does not answer"))
                .noneMatch(one -> one.what().endsWith("process 21"));
    }

    @Test
    void a_qemu_whose_first_thread_has_ended_and_one_without_arguments_are_seen() throws IOException {
        kernel.file("/vm/disk", new byte[4096]);
        process(11, "c", "qemu-system-x86_64", "-name", "web1", "-drive", "if=none,format=raw,file=disk");
        process(12, "c", "qemu-system-x86_64", "-name", "web2", "-drive", "if=none,format=raw,file=disk");
        Path whole = directory.resolve("proc/12");
        Path thread = Files.createDirectories(whole.resolve("task")).resolve("14");
        Files.move(whole, directory.resolve("moved"));
        Files.createDirectories(thread.getParent());
        Files.move(directory.resolve("moved"), thread);
        Files.writeString(whole.resolve("cmdline"), "");
        process(15, "c", "qemu-system-x86_64");
        Files.writeString(directory.resolve("proc/15/cmdline"), "");

        Survey survey = survey();

        assertThat(flaw(survey, FlawKind.SHARED_IMAGE).names()).isEqualTo("web1 (process 11), web2 (process 12)");
        assertThat(survey.looked().running()).isEqualTo(3);
        assertThat(survey.unseen())
                .contains(new Unseen("the command line of process 15", "it is a qemu, and shows none"));
    }

    @Test
    void a_qemu_with_a_copy_of_itself_is_one_vm() throws IOException {
        process(11, "c", "qemu-system-x86_64", "-name", "web1");
        process(12, "c", "qemu-system-x86_64", "-name", "web1");
        assertThat(survey().looked().running()).isEqualTo(2);

        Files.writeString(directory.resolve("proc/12/status"), "Name:\tqemu\nPPid:\t11\nUid:\t107\t107\t107\t107\n");
        assertThat(survey().looked().running()).isEqualTo(1);
    }

    @Test
    void one_that_ends_meanwhile_has_no_wall_to_judge() throws IOException {
        process(11, "c", "qemu-system-x86_64", "-name", "web1");
        kernel.faults().beforeNext("attr/current", () -> kernel.processes().end(11));
        Survey survey = survey();
        assertThat(survey.findings()).isEmpty();
        assertThat(survey.unseen()).anyMatch(one -> one.why().equals("it ended while it was looked at"));
    }

    @Test
    void a_device_is_one_by_its_number_and_its_label_here_is_not_judged() throws IOException {
        selinux(true);
        kernel.blockDevice("/dev/dm-3", new byte[4096], 0xfd03);
        kernel.blockDevice("/dev/disk", new byte[4096], 0xfd03);
        kernel.setLabel("/dev/dm-3", "system_u:object_r:fixed_disk_device_t:s0");
        process(
                11,
                "system_u:system_r:svirt_t:s0:c1,c2",
                "qemu-system-x86_64",
                "-name",
                "web1",
                "-drive",
                "if=none,format=raw,file=/dev/dm-3");

        Survey one = survey();

        assertThat(kinds(one)).doesNotContain(FlawKind.OPEN_IMAGE);
        assertThat(one.unseen())
                .contains(new Unseen(
                        "/dev/dm-3, of web1 (process 11)",
                        "a device, whose label in the VM's own /dev is not looked at"));

        process(
                12,
                "system_u:system_r:svirt_t:s0:c3,c4",
                "qemu-system-x86_64",
                "-name",
                "web2",
                "-drive",
                "if=none,format=raw,file=/dev/disk");
        assertThat(flaw(survey(), FlawKind.SHARED_IMAGE).names()).isEqualTo("web1 (process 11), web2 (process 12)");
    }

    @Test
    void what_a_guest_writes_into_its_raw_disk_is_no_finding() throws IOException {
        kernel.file("/vm/disk", Qcow2Builder.overlay("/etc/shadow", "raw").build());
        process(11, "c", "qemu-system-x86_64", "-drive", "if=none,format=raw,file=disk");

        Survey survey = survey("/vm");

        assertThat(kinds(survey)).containsExactly(FlawKind.NO_WALL);
        assertThat(survey.looked().images()).isEqualTo(1);
    }

    @Test
    void where_selinux_is_active_labels_pairs_and_booleans_are_judged() throws IOException {
        selinux(false, "virt_use_nfs");
        kernel.file("/vm/disk", new byte[4096]);
        kernel.setLabel("/vm/disk", IMAGE.toString());
        kernel.file("/vm/stale", new byte[4096]);
        kernel.setLabel("/vm/stale", IMAGE + ":c8,c9");
        String context = "system_u:system_r:svirt_t:s0:c1,c2";
        process(11, context, "qemu-system-x86_64", "-drive", "if=none,format=raw,file=disk");
        process(12, context, "qemu-system-x86_64");

        assertThat(kinds(survey("/vm")))
                .containsExactlyInAnyOrder(
                        FlawKind.SAME_PAIR,
                        FlawKind.OPEN_IMAGE,
                        FlawKind.NO_WALL,
                        FlawKind.NO_WALL,
                        FlawKind.OPENING_BOOLEAN,
                        FlawKind.NOT_ENFORCING,
                        FlawKind.DEAD_LABEL);
    }

    @Test
    void a_pair_of_labelers_own_is_held_and_its_wall_stands() throws IOException {
        kernel.file("/vm/disk", new byte[4096]);
        kernel.setLabel("/vm/disk", IMAGE + ":c8,c9");
        process(11, "c", "qemu-system-x86_64", "-drive", "if=none,format=raw,file=disk");
        request = new SurveyRequest(
                List.of(),
                Optional.of(List.of(
                        new HeldVm("web1", Optional.of(new Pid(11)), CategoryPair.of(8, 9), "landlock", List.of()))),
                "");
        assertThat(survey("/vm").findings()).isEmpty();

        request = new SurveyRequest(
                List.of(),
                Optional.of(List.of(
                        new HeldVm("web1", Optional.of(new Pid(11)), CategoryPair.of(8, 9), "selinux", List.of()))),
                "");
        assertThat(kinds(survey("/vm")))
                .as("the kernel is asked, and denies nothing here")
                .containsExactly(FlawKind.NO_WALL);

        request = new SurveyRequest(List.of(), Optional.empty(), "no service");
        Survey alone = survey("/vm");
        assertThat(kinds(alone)).containsExactly(FlawKind.NO_WALL);
        assertThat(alone.unseen()).contains(new Unseen("labeler's own VMs, their walls and their pairs", "no service"));
    }

    private void held(String path, FileIdentity identity) {
        held(path, identity, true);
    }

    private void held(String path, FileIdentity identity, boolean labelled) {
        HeldFile disk = new HeldFile(HostPath.of(path), identity.withoutBirth(), true, true, false, labelled);
        request = new SurveyRequest(
                List.of(),
                Optional.of(List.of(
                        new HeldVm("web1", Optional.of(new Pid(11)), CategoryPair.of(1, 2), "selinux", List.of(disk)))),
                "");
    }

    private FileIdentity identity(String path) {
        return kernel.status(path).orElseThrow().identity();
    }

    /** It joined its VM later, and is on no command line. Somebody has given it the label of files that VMs share. */
    @Test
    void the_label_of_a_file_on_labelers_record_is_looked_at() throws IOException {
        selinux(true);
        kernel.file("/vm/joined", new byte[4096]);
        kernel.setLabel("/vm/joined", IMAGE.toString());
        process(11, "system_u:system_r:svirt_t:s0:c1,c2", "qemu-system-x86_64");
        held("/vm/joined", identity("/vm/joined"));

        assertThat(flaw(survey(), FlawKind.OPEN_IMAGE).severity()).isEqualTo(Severity.DANGER);
        assertThat(flaw(survey("/vm"), FlawKind.OPEN_IMAGE).severity()).isEqualTo(Severity.DANGER);

        kernel.setLabel("/vm/joined", IMAGE + ":c1,c2");
        assertThat(kinds(survey("/vm"))).doesNotContain(FlawKind.OPEN_IMAGE);
    }

    /** Its label is its mount's, say. */
    @Test
    void the_label_of_a_file_that_was_handed_over_keeps_nobody_from_it() throws IOException {
        selinux(true);
        kernel.file("/vm/joined", new byte[4096]);
        kernel.setLabel("/vm/joined", IMAGE.toString());
        process(11, "system_u:system_r:svirt_t:s0:c1,c2", "qemu-system-x86_64");
        held("/vm/joined", identity("/vm/joined"), false);

        assertThat(kinds(survey("/vm"))).doesNotContain(FlawKind.OPEN_IMAGE);
    }

    @Test
    void a_file_on_labelers_record_whose_label_cannot_be_seen_is_told() throws IOException {
        selinux(true);
        kernel.file("/vm/joined", new byte[4096]);
        process(11, "system_u:system_r:svirt_t:s0:c1,c2", "qemu-system-x86_64");
        held("/vm/joined", new FileIdentity(77, 77, Optional.empty()));

        Survey survey = survey();

        assertThat(survey.complete()).isFalse();
        assertThat(survey.unseen())
                .contains(new Unseen("the label of /vm/joined", "its name leads to another file by now"));
    }

    @Test
    void a_device_on_labelers_record_is_one_with_that_of_a_command_line() throws IOException {
        kernel.blockDevice("/dev/dm-3", new byte[4096], 0xfd03);
        kernel.blockDevice("/dev/disk", new byte[4096], 0xfd03);
        process(11, "c", "qemu-system-x86_64");
        process(12, "c", "qemu-system-x86_64", "-name", "web2", "-drive", "if=none,format=raw,file=/dev/disk");
        held("/dev/dm-3", identity("/dev/dm-3"));

        assertThat(flaw(survey(), FlawKind.SHARED_IMAGE).names()).contains("web1 (process 11)", "web2 (process 12)");
    }

    @Test
    void a_header_may_lead_nowhere_else_and_no_device_is_opened() throws IOException {
        kernel.directory("/etc");
        kernel.file("/etc/shadow", new byte[512]);
        kernel.blockDevice("/dev/sda", new byte[4096], 0x800);
        kernel.file("/vm/evil", Qcow2Builder.overlay("/etc/shadow", "raw").build());
        kernel.file("/vm/device", Qcow2Builder.overlay("/dev/sda", "raw").build());
        kernel.file("/vm/undeclared", Qcow2Builder.v3().backing("evil").build());
        kernel.file("/vm/fine", Qcow2Builder.overlay("base", "raw").build());
        kernel.file("/vm/base", new byte[4096]);
        process(11, "c", "qemu-system-x86_64", "-drive", "if=none,format=raw,file=/dev/sda");
        process(12, "c", "qemu-system-x86_64", "-drive", "if=none,format=raw,file=/dev/sda");

        Survey survey = survey("/vm");

        assertThat(survey.findings().stream()
                        .filter(flaw -> flaw.kind() == FlawKind.FORBIDDEN_REFERENCE)
                        .map(flaw -> flaw.file().orElseThrow().printable()))
                .containsExactly("/dev/sda", "/etc/shadow");
        assertThat(flaw(survey, FlawKind.UNDECLARED_FORMAT).file()).hasValue(HostPath.of("/vm/undeclared"));
        assertThat(flaw(survey, FlawKind.SHARED_IMAGE).file()).hasValue(HostPath.of("/dev/sda"));
        assertThat(survey.looked().images()).isEqualTo(4);
        assertThat(kernel.faults().calls())
                .noneMatch(call -> call.name().equals("pread") && call.subject().equals("/dev/sda"));
    }

    @Test
    void only_what_is_in_the_tree_is_looked_at() {
        kernel.directory("/elsewhere");
        kernel.file("/elsewhere/stale", new byte[512]);
        kernel.setLabel("/elsewhere/stale", IMAGE + ":c8,c9");
        kernel.symbolicLink("/vm/out", "/elsewhere");
        kernel.symbolicLink("/vm/loop", "/vm");
        kernel.fifo("/vm/pipe");
        kernel.socket("/vm/socket");
        kernel.directory("/vm/mounted");
        kernel.mount("/vm/mounted");
        kernel.file("/vm/mounted/stale", new byte[512]);
        kernel.setLabel("/vm/mounted/stale", IMAGE + ":c8,c9");

        Survey survey = survey("/vm", "/missing");

        assertThat(survey.findings()).isEmpty();
        assertThat(survey.looked().files()).isEqualTo(5);
        assertThat(survey.unseen())
                .contains(new Unseen("the content of /vm/mounted", "another file system: name it as well"))
                .anyMatch(one -> one.what().equals("/missing"));
    }

    @Test
    void a_file_system_that_does_not_answer_is_named_and_left_out() throws IOException {
        kernel.mount("/there");
        kernel.directory("/there/vm");
        kernel.file("/vm/evil", Qcow2Builder.overlay("/dev/null", "raw").build());
        CountDownLatch thawed = new CountDownLatch(1);
        Runnable silence = () -> {
            await(thawed);
            throw new IllegalStateException("nobody waits for it any more");
        };
        kernel.faults().beforeNext("openat2", "/there/vm", silence);
        try {
            Survey survey = survey("/there/vm", "/vm");

            assertThat(survey.unseen()).anyMatch(one -> one.why().contains("does not answer"));
            assertThat(survey.looked().files()).isEqualTo(1);
        } finally {
            thawed.countDown();
        }
    }

    @Test
    void a_walk_has_an_end_in_every_direction() {
        String deep = "/vm";
        for (int level = 0; level < 80; level++) {
            deep += "/d";
            kernel.directory(deep);
        }
        for (int name = 0; name < 300; name++) {
            kernel.file("/vm/" + name, "text".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(survey("/vm").unseen()).anyMatch(one -> one.why().equals("more than 64 directories deep"));
    }
}
