package labeler.linux.jna;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Set;
import labeler.linux.AuditFeed;
import labeler.linux.AuditFeed.Missed;
import labeler.linux.AuditFeed.Nothing;
import labeler.linux.AuditFeed.Received;
import labeler.linux.LinuxException;
import labeler.linux.Processes;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Records that go through the kernel: a program's own, which the kernel passes on as it does with those of SELinux. */
final class JnaAuditGroupTest {
    /** A type that the kernel takes from programs also where audit is not enabled, and others of linux/audit.h. */
    private static final int USER_AVC = 1107;

    private static final int AVC = 1400;
    private static final int CWD = 1307;

    private final Processes processes = JnaLinux.create().processes();

    @BeforeEach
    void needsAudit() {
        RequiredCapability.ROOT.assume();
        RequiredCapability.AUDIT.assume();
    }

    private static void send(String text) {
        // The kernel takes the last byte for the end of a text.
        byte[] bytes = (text + "\0").getBytes(US_ASCII);
        int socket = LibC.socket(Abi.Netlink.AF_NETLINK, Abi.Netlink.SOCK_RAW, Abi.Netlink.NETLINK_AUDIT);
        try (Scratch scratch = new ScratchPool().take()) {
            ByteBuffer message = ByteBuffer.allocate(Abi.Netlink.HEADER_SIZE + bytes.length)
                    .order(ByteOrder.nativeOrder())
                    .putInt(0, Abi.Netlink.HEADER_SIZE + bytes.length)
                    .putShort(Abi.Netlink.HEADER_TYPE, (short) USER_AVC)
                    // NLM_F_REQUEST
                    .putShort(6, (short) 1)
                    .put(Abi.Netlink.HEADER_SIZE, bytes);
            scratch.putStructure(0, JnaAuditGroup.address(0));
            LibC.sendto(
                    socket,
                    scratch.data(message.array()),
                    message.capacity(),
                    0,
                    scratch.structure(),
                    Abi.Netlink.ADDRESS_SIZE);
        } finally {
            Calls.close(socket);
        }
    }

    /** The next record of this test's: other programs may write records as well. */
    private static String next(AuditFeed feed, Processes.Waker waker, String mark) throws LinuxException {
        while (true) {
            if (feed.next(waker, -1) instanceof Received(int type, String text) && text.contains(mark)) {
                assertThat(type).isEqualTo(USER_AVC);
                return text;
            }
        }
    }

    @Test
    void records_of_the_wanted_types_come_as_the_kernel_has_them_and_no_others() throws LinuxException {
        String mark = "labeler-test-" + ProcessHandle.current().pid() + "-" + System.nanoTime();
        try (Processes.Waker waker = processes.waker();
                AuditFeed wanted = JnaLinux.audit().join(Set.of(AVC, USER_AVC, CWD));
                AuditFeed other = JnaLinux.audit().join(Set.of(AVC, CWD))) {
            send(mark + " first");
            send(mark + " second");

            assertThat(next(wanted, waker, mark))
                    .matches("audit\\([0-9]+\\.[0-9]{3}:[0-9]+\\): .*" + mark + " first.*")
                    .doesNotContain("\0");
            assertThat(next(wanted, waker, mark)).contains(mark + " second");
            // The kernel sends the second one after it has sent the first one to all.
            AuditFeed.Next next = other.next(waker, 0);
            assertThat(next instanceof Received received && received.text().contains(mark))
                    .isFalse();
        }
    }

    @Test
    void a_reader_that_is_too_slow_is_told() throws LinuxException {
        try (Processes.Waker waker = processes.waker();
                AuditFeed feed = JnaLinux.audit().join(Set.of(USER_AVC))) {
            String large = "labeler-test " + "x".repeat(4_000);
            boolean hasMissed = false;
            for (int i = 0; i < 300; i++) {
                send(large);
            }
            AuditFeed.Next next = feed.next(waker, 1_000);
            while (!(next instanceof Nothing)) {
                hasMissed = hasMissed || next instanceof Missed;
                next = feed.next(waker, 1_000);
            }
            assertThat(hasMissed).isTrue();
        }
    }

    @Test
    void a_reader_that_waits_is_woken() throws LinuxException {
        try (Processes.Waker waker = processes.waker();
                AuditFeed feed = JnaLinux.audit().join(Set.of(AVC))) {
            waker.wake();
            assertThat(feed.next(waker, -1)).isEqualTo(new Nothing());
        }
    }

    @Test
    void there_is_a_bound_to_the_types() {
        assertThatThrownBy(() -> JnaLinux.audit().join(Set.of())).isInstanceOf(IllegalArgumentException.class);
    }
}
