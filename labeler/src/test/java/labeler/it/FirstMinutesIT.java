package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody tries first on a host without SELinux, with a real qemu. */
class FirstMinutesIT {
    private final Path temporary;
    private final Path base;
    private final Path own;

    @AutoClose
    private final ServiceFixture service;

    /** An overlay of a base. */
    FirstMinutesIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "setpriv", "unshare");
        Machine.requireLandlock();
        Images images = Images.in(temporary.resolve("images"));
        base = images.labelledRaw("base");
        own = images.overlay("own", base);
        service = ServiceFixture.started(temporary);
    }

    private Command cli(String... arguments) throws IOException {
        return service.cli(List.of(arguments));
    }

    @Test
    void the_quick_start_leads_from_a_plan_to_a_vm_to_its_end() throws IOException {
        List<String> qemu = Images.qemuWithOverlay(own);
        Command planned = service.cli(Images.with(List.of("plan", "web1", "--"), qemu));
        assertThat(planned.exitCode()).as(planned.err()).isZero();
        assertThat(planned.out()).contains("planned", "landlock");

        try (Qemu running = Qemu.start(service.running("web1", qemu))) {
            eventually("web1 runs", () -> cli("status", "-o", "name").out().equals("web1\n"));
            eventually(
                    "labeler has become qemu",
                    () -> Files.readString(Path.of("/proc/" + running.pid() + "/cmdline"))
                            .contains("labeler-monitor"));

            assertThat(cli("list").out()).contains("web1  running  " + running.pid(), "landlock");
            assertThat(service.get("/v1/vms/web1").ok().body().text("since").orElseThrow())
                    .startsWith("2");
            Command matrix = cli("matrix");
            assertThat(matrix.exitCode()).as(matrix.err()).isZero();
            assertThat(matrix.out()).contains("rw    " + own, "r     " + base);
            assertThat(matrix.err()).doesNotContain("WARNING");

            Command refused = cli("stop", "web1");
            assertThat(refused.exitCode()).isEqualTo(4);
            assertThat(refused.err()).contains("--kill", "--force").hasLineCount(1);
            assertThat(running.isAlive()).isTrue();

            Command killed = cli("stop", "web1", "--kill");
            assertThat(killed.exitCode()).as(killed.err()).isZero();
            assertThat(killed.out()).contains("web1: stopped; 2 labels given back, 0 kept");
            assertThat(running.isAlive()).isFalse();
        }
        assertThat(Attributes.label(base)).contains(Images.HOME);
        assertThat(service.log()).doesNotContain("<6>");
    }

    @Test
    void the_doctor_finds_no_fault_here_and_without_its_service_it_does() throws IOException {
        Command healthy = cli("doctor", "--json");
        assertThat(healthy.out()).contains("\"check\": \"landlock\"", "\"check\": \"stale-labels\"");
        assertThat(healthy.exitCode()).as(healthy.out()).isZero();

        Command faulty = cli("doctor", "--socket", temporary.resolve("none").toString());
        assertThat(faulty.exitCode()).isEqualTo(1);
        assertThat(faulty.out()).contains("FAULT    service", "systemctl enable --now labelerd.socket");
    }

    @Test
    void another_user_is_told_in_one_line_that_only_root_may() throws IOException {
        for (List<String> words : List.of(
                List.of("status"), List.of("stop", "web1"), List.of("run", "web1", "--", "qemu-system-x86_64"))) {
            Command denied = asNobody(words);
            assertThat(denied.exitCode()).isEqualTo(5);
            assertThat(denied.err()).startsWith("labeler: only root").hasLineCount(1);
        }
    }

    @Test
    void who_may_not_install_the_hook_or_adopt_a_domain_is_told_so() throws IOException {
        for (List<String> words : List.of(List.of("hook", "install", "libvirt"), List.of("libvirt", "adopt", "web1"))) {
            Command denied = asNobody(words);
            assertThat(denied.exitCode()).as(denied.err()).isEqualTo(5);
            assertThat(denied.err())
                    .contains("permission denied")
                    .contains("as root")
                    .hasLineCount(1);
        }
    }

    @Test
    void who_may_not_read_the_audit_log_is_told_so_and_not_that_nothing_was_denied() throws IOException {
        String hidden = "mount -t tmpfs none /var/log && mkdir -m 700 /var/log/audit && : >/var/log/audit/audit.log"
                + " && exec setpriv --reuid 65534 --regid 65534 --clear-groups \"$0\" explain --since 1h";
        Command denied = Command.run(
                Map.of("LABELER_SOCKET", service.socket().toString()),
                List.of(
                        "unshare",
                        "--mount",
                        "--propagation",
                        "private",
                        "sh",
                        "-c",
                        hidden,
                        ServiceFixture.labeler()));
        assertThat(denied.exitCode()).as(denied.err()).isEqualTo(5);
        assertThat(denied.err()).isEqualTo("labeler: /var/log/audit/audit.log: permission denied; run this as root\n");
        assertThat(denied.out()).isEmpty();
    }

    private Command asNobody(List<String> words) throws IOException {
        List<String> command = Images.with(
                List.of("setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups", ServiceFixture.labeler()),
                words);
        return Command.run(Map.of("LABELER_SOCKET", service.socket().toString()), command);
    }
}
