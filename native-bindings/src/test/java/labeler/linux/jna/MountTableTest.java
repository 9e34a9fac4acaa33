package labeler.linux.jna;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.MountInfo;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The kernel tells of a change once; a read that fails then must not use that up. */
final class MountTableTest {
    private final AtomicBoolean isShortOfMemory = new AtomicBoolean();
    private final MountTable table = new MountTable(this::parse);
    private final Scratch scratch = new ScratchPool().take();
    private RealStage stage;

    @SuppressWarnings("NullAway.Init") // setStage sets the stage
    MountTableTest() {}

    @BeforeEach
    void setStage() throws Exception {
        RequiredCapability.ROOT.assume();
        stage = new RealStage(JnaLinux.create());
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    @Test
    void a_mount_that_could_not_be_read_is_read_the_next_time() throws Exception {
        HostPath point = stage.path("point");
        stage.directory(point);
        assertThat(knows(point)).isFalse();
        RealStage.run("mount", "-t", "tmpfs", "none", point.printable());
        try {
            isShortOfMemory.set(true);
            assertThatThrownBy(() -> knows(point)).isInstanceOf(OutOfMemoryError.class);
            isShortOfMemory.set(false);
            assertThat(knows(point)).isTrue();
        } finally {
            RealStage.run("umount", point.printable());
        }
    }

    @Test
    void a_first_read_that_fails_does_not_leave_a_host_without_mounts() throws Exception {
        isShortOfMemory.set(true);
        assertThatThrownBy(() -> table.all(scratch)).isInstanceOf(OutOfMemoryError.class);
        isShortOfMemory.set(false);
        assertThat(knows(HostPath.of("/proc"))).isTrue();
    }

    private boolean knows(HostPath point) throws LinuxException {
        return table.all(scratch).stream().anyMatch(mount -> mount.mountPoint().equals(point));
    }

    private Map<Long, Mount> parse(byte[] text) {
        if (isShortOfMemory.get()) {
            throw new OutOfMemoryError("of the test");
        }
        return MountInfo.parse(text);
    }
}
