package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.inject.AbstractModule;
import com.google.inject.Injector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import labeler.denial.DenialModule;
import labeler.denial.DenialWatch;
import labeler.explain.Explainer;
import labeler.guard.record.AuditLog;
import labeler.lifecycle.VmLifecycle;
import labeler.linux.AuditFeed;
import labeler.linux.AuditGroup;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.Processes;
import labeler.selinux.SelinuxHost;
import labeler.wiring.StrictInjector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Denials are events. This host may have no SELinux: the records are as the kernel's audit socket has them. */
class DeniedEventsTest {
    private static final String START = "{\"argv\":[\"qemu-system-x86_64\"],\"workingDirectory\":\"/\"";
    private static final String WEB = "system_u:system_r:svirt_t:s0:c12,c345";
    private static final String DB = "system_u:system_r:svirt_t:s0:c7,c8";

    private final Path directory;
    private final TestServer server;
    private final HandedRecords records = new HandedRecords();
    private final DenialWatch watch;

    DeniedEventsTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.server = TestServer.start(directory);
        this.watch = watch(records, true);
    }

    /** Records of a kernel, one by one. */
    private static final class HandedRecords implements AuditGroup, AuditFeed {
        private final BlockingQueue<Next> queue = new LinkedBlockingQueue<>();
        private int joined;

        void avc(String context, int inode) {
            queue.add(new Received(
                    1400,
                    "audit(1764230695.123:" + inode + "): avc:  denied  { read } for  pid=12 comm=\"qemu\""
                            + " path=\"/etc/shadow\" dev=\"vda1\" ino=" + inode + " scontext=" + context
                            + " tcontext=system_u:object_r:shadow_t:s0 tclass=file permissive=0"));
        }

        @Override
        public AuditFeed join(Set<Integer> types) {
            assertThat(types).contains(1400).doesNotContain(1107);
            joined++;
            return this;
        }

        @Override
        public Next next(Processes.Waker waker, int timeoutMillis) {
            try {
                int most = timeoutMillis < 0 ? 100 : Math.min(timeoutMillis, 100);
                return Optional.ofNullable(queue.poll(most, TimeUnit.MILLISECONDS))
                        .orElse(new Nothing());
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void close() {}
    }

    private DenialWatch watch(AuditGroup group, boolean isActive) throws IOException {
        Path selinuxfs = Files.createDirectories(directory.resolve("selinux-" + isActive));
        if (isActive) {
            Files.writeString(selinuxfs.resolve("enforce"), "1");
        }
        Injector service = server.injector();
        return StrictInjector.of(new DenialModule(), new AbstractModule() {
                    @Override
                    protected void configure() {
                        bind(AuditGroup.class).toInstance(group);
                        bind(Processes.class).toInstance(service.getInstance(Processes.class));
                        bind(SelinuxHost.class).toInstance(new SelinuxHost(selinuxfs, directory));
                        bind(VmLifecycle.class).toInstance(service.getInstance(VmLifecycle.class));
                        bind(Explainer.class).toInstance(service.getInstance(Explainer.class));
                        bind(AuditLog.class).toInstance(service.getInstance(AuditLog.class));
                    }
                })
                .getInstance(DenialWatch.class);
    }

    @BeforeEach
    void twoVms() throws IOException {
        assertThat(server.post("/v1/vms/web1/start", START + "}")).startsWith("HTTP/1.1 200");
        assertThat(server.post("/v1/vms/db1/start", START + ",\"level\":\"s0:c7,c8\"}"))
                .startsWith("HTTP/1.1 200");
    }

    @AfterEach
    void end() {
        watch.close();
        server.close();
    }

    /** All that a follower got until something of this VM was denied. */
    private String followed(String vm) throws IOException {
        String after = "";
        StringBuilder all = new StringBuilder();
        while (!all.toString().matches("(?s).*\"event\": ?\"denied\",\\s*\"vm\": ?\"" + vm + "\".*")) {
            String answer = server.get("/v1/events?wait=true" + after);
            all.append(answer);
            after = "&after=" + answer.replaceAll("(?s).*\"next\": ?\"([^\"]+)\".*", "$1");
        }
        return all.toString();
    }

    @Test
    void who_follows_gets_a_denial_with_its_explanation_and_none_that_is_no_vms() throws Exception {
        watch.begin();
        CompletableFuture<String> follower = CompletableFuture.supplyAsync(() -> {
            try {
                return followed("web1");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        records.avc("system_u:system_r:container_t:s0:c12,c345", 1);
        records.avc("system_u:system_r:svirt_t:s0:c9,c10", 2);
        records.avc("system_u:system_r:httpd_t:s0", 3);
        records.avc(WEB, 4);
        records.avc(WEB, 4);

        String events = follower.get(1, TimeUnit.MINUTES);

        assertThat(events.split("\"denied\"", -1)).hasSize(2);
        assertThat(events)
                .containsPattern("\"reading\": ?\"trickery\"")
                .containsPattern("\"file\": ?\"/etc/shadow\"")
                .containsPattern("\"count\": ?2")
                .contains("VM web1, process 12 (qemu) at " + WEB, "It is a file of the host", "labeler events web1");
    }

    @Test
    void a_flood_of_one_vm_leaves_room_for_another() throws IOException {
        for (int inode = 1; inode <= 1_500; inode++) {
            records.avc(WEB, inode);
        }
        records.avc(DB, 1);
        records.queue.add(new AuditFeed.Missed());
        watch.begin();

        String events = followed("db1");

        assertThat(events.split("VM web1, process 12", -1)).hasSize(31);
    }

    @Test
    void where_selinux_is_not_active_nothing_is_read() throws IOException {
        try (DenialWatch idle = watch(records, false)) {
            idle.begin();
            assertThat(records.joined).isZero();
        }
        try (DenialWatch active = watch(records, true)) {
            active.begin();
            assertThat(records.joined).isEqualTo(1);
        }
    }

    @Test
    void a_kernel_that_refuses_leaves_the_service_as_it_is() throws IOException {
        try (DenialWatch refused = watch(
                _ -> {
                    throw new LinuxException("bind", "audit socket", Errno.EPERM.code());
                },
                true)) {
            refused.begin();
        }
        assertThat(server.get("/v1/vms")).contains("web1");
    }
}
