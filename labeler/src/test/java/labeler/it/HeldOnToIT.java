package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Processes that hold on to a VM's disk by every means of the kernel, as a qemu that was taken over may. */
class HeldOnToIT {
    private static final String VM = "web1";

    @TempDir
    Path temporary;

    private Images images = new Images(Path.of("/"));
    private Path disk = Path.of("/");
    private ServiceFixture service = new ServiceFixture(Path.of("/"));

    @BeforeEach
    void aLabelledDisk() throws IOException {
        Machine.requireRootAnd("getfattr", "setfattr", "gcc");
        images = Images.in(temporary.resolve("images"));
        disk = images.labelledRaw("disk");
        service = ServiceFixture.started(temporary);
    }

    @AfterEach
    void end() {
        service.close();
    }

    @Test
    void a_process_whose_first_thread_has_ended_keeps_its_disk_over_recovery_and_restart() throws IOException {
        try (Holder holder = Holder.withoutItsFirstThread(temporary, disk)) {
            service.start(VM, Images.qemuWithRaw(disk), holder.pid().value()).ok();

            assertThat(service.post("/v1/recover", "").status()).isEqualTo(200);
            assertThat(service.start("other", Images.qemuWithRaw(disk)).status())
                    .isEqualTo(409);
            service.kill();
            service.start();
            assertThat(service.holds(VM)).isTrue();
            assertThat(service.start("other", Images.qemuWithRaw(disk)).status())
                    .isEqualTo(409);

            holder.end();
            service.awaitGone(VM);
            assertThat(Attributes.label(disk)).contains(Images.HOME);
        }
    }
}
