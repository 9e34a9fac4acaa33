package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import labeler.client.ServiceClient;
import labeler.json.Json.JsonObject;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service is killed with SIGKILL at every step of a start and of a stop: as it enters each changing system call for
 * the first, second, third ... time, until the request succeeds. At any point, the next service repairs everything by
 * itself.
 */
class KillPointsIT {
    /**
     * All calls by which the service may change something: the file it creates, the journal and its syncs, the labels,
     * the answer. A call that it does not make costs nothing here.
     */
    private static final List<String> CALLS = List.of(
            "fsetxattr",
            "fremovexattr",
            "pwrite64",
            "fsync",
            "fdatasync",
            "fchown",
            "fchmod",
            "ftruncate",
            "unlink",
            "unlinkat",
            "syncfs",
            "write",
            "writev");

    /** Far more than any of these calls in one request. Without it a fault could make the test endless. */
    private static final int MOST = 200;

    private static final String VM = "web1";

    private final Images images;
    private final Path log;
    private final List<String> argv;
    private final SortedMap<String, SortedMap<String, String>> before;

    @AutoClose
    private final ServiceFixture service;

    /** An overlay without a label, a base with one, and a log to be created. */
    KillPointsIT(@TempDir Path temporary) throws IOException {
        Machine.requireRootAnd("strace", "qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        Path base = images.labelledRaw("base");
        Path overlay = images.overlay("overlay", base);
        log = images.path("log");
        argv = Images.qemu("-drive", Images.disk(overlay, "qcow2"), "-chardev", "file,id=log,path=" + log);
        before = Attributes.of(images.directory());
        assertThat(before).hasSize(1);
        service = ServiceFixture.started(temporary);
    }

    @Test
    void killed_at_any_point_of_a_start_the_vm_is_held_or_nothing_has_happened() throws IOException {
        int points = 0;
        int held = 0;
        for (String call : CALLS) {
            for (int n = 1; isKilled("start", call, n); n++) {
                String point = "killed at " + call + " " + n + " of a start";
                if (assertSound(point)) {
                    held++;
                    service.stop(VM).ok();
                }
                assertAsBefore(point);
                points++;
            }
            service.stop(VM).ok();
            assertAsBefore("after a start that was not killed at " + call);
        }
        System.out.println("killed at " + points + " points of a start; the VM was held after " + held);
        // Three labels, and a journal write before and after them: fewer would mean that none was hit.
        assertThat(points).isGreaterThan(12);
        assertThat(held).isBetween(1, points - 1);
        service.assertNoStackTrace();
    }

    @Test
    void killed_at_any_point_of_a_stop_the_vm_is_held_or_every_label_is_back() throws IOException {
        int points = 0;
        int held = 0;
        for (String call : CALLS) {
            service.start(VM, argv).ok();
            for (int n = 1; isKilled("stop", call, n); n++) {
                String point = "killed at " + call + " " + n + " of a stop";
                if (assertSound(point)) {
                    held++;
                } else {
                    assertAsBefore(point);
                    service.start(VM, argv).ok();
                }
                points++;
            }
            assertAsBefore("after a stop that was not killed at " + call);
        }
        System.out.println("killed at " + points + " points of a stop; the VM was held after " + held);
        assertThat(points).isGreaterThan(8);
        assertThat(held).isBetween(1, points - 1);
        service.assertNoStackTrace();
    }

    /** Whether the request brought the service to its n-th call and to its end. Then the next service is up. */
    private boolean isKilled(String verb, String call, int n) throws IOException {
        assertThat(n).as("times that %s is called", call).isLessThan(MOST);
        String body = verb.equals("start") ? ServiceFixture.body(argv, Optional.empty()) : "";
        ServiceClient.Outcome outcome;
        try (Strace _ = Strace.killing(service, call, n)) {
            outcome = service.ask("/v1/vms/" + VM + "/" + verb, body);
        }
        // Killed after the answer, it may look alive to its parent for a moment. But it answers no more.
        if (service.answers()) {
            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            ServiceClient.Answered.class,
                            answer -> assertThat(answer.succeeded()).isTrue());
            return false;
        }
        service.awaitEnd();
        service.start();
        return true;
    }

    /** Whether the VM is held, and if so with every label in its place; if not, with none. */
    private boolean assertSound(String point) throws IOException {
        Reply status = service.get("/v1/vms/" + VM);
        if (status.status() == 404) {
            assertAsBefore(point);
            return false;
        }
        assertThat(status.ok().text("state")).as(point).isEqualTo("running");
        assertThat(service.verify(VM).number("drift")).as(point).isZero();
        for (JsonObject file : status.elements("files")) {
            Path path = Path.of(file.text("path").orElseThrow());
            assertThat(Attributes.label(path)).as("%s of %s", path, point).isEqualTo(file.text("context"));
        }
        assertThat(Attributes.label(images.path("overlay"))).as(point).contains(status.text("imageContext"));
        return true;
    }

    /** All is as before, byte for byte, also "no attribute". An empty log may be there, as qemu would leave it. */
    private void assertAsBefore(String point) throws IOException {
        assertThat(service.get("/v1/vms").ok().elements("vms")).as(point).isEmpty();
        assertThat(Attributes.of(images.directory())).as(point).isEqualTo(before);
        if (Files.exists(log)) {
            assertThat(Files.size(log)).as(point).isZero();
            Files.delete(log);
        }
    }
}
