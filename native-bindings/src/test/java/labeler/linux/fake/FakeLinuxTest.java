package labeler.linux.fake;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.AttributeName;
import labeler.linux.Errno;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRefusal;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.UnixSockets.Received;
import labeler.linux.fake.FakeLinux.Unsynced;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The fake's features beyond the contract: faults, power cuts, changes behind the caller's back. */
final class FakeLinuxTest {
    private static final AttributeName LABEL = AttributeName.SECURITY_SELINUX;

    private final FakeLinux fake = new FakeLinux();
    private final Linux linux = fake.linux();

    private OpenedFile open(String path) {
        return (OpenedFile) linux.open().open(HostPath.of(path), OpenRequest.IMAGE);
    }

    private void label(OpenedFile file, String context) throws LinuxException {
        linux.attributes().set(file, LABEL, context.getBytes(UTF_8));
    }

    @Test
    void the_named_call_fails_at_its_turn_and_only_then() throws Exception {
        fake.file("/images/a", new byte[0]);
        fake.faults().failOn("fsetxattr", 2, Errno.EIO);
        try (OpenedFile file = open("/images/a")) {
            label(file, "one");
            assertThatThrownBy(() -> label(file, "two"))
                    .isInstanceOf(LinuxException.class)
                    .hasMessage("fsetxattr /images/a: Input/output error");
            assertThat(fake.label("/images/a")).contains("one");
            label(file, "three");
            assertThat(fake.label("/images/a")).contains("three");
        }
    }

    @Test
    void a_failing_open_is_a_refusal() {
        fake.file("/images/a", new byte[0]);
        fake.faults().failAlways("openat2", "/images/a", Errno.EACCES);
        for (int i = 0; i < 2; i++) {
            assertThat(linux.open().open(HostPath.of("/images/a"), OpenRequest.IMAGE))
                    .isInstanceOfSatisfying(
                            OpenRefusal.class,
                            refusal -> assertThat(refusal.reason()).isEqualTo(OpenRefusal.Reason.UNREADABLE));
        }
        assertThat(fake.openDescriptors()).isZero();
    }

    @Test
    void the_power_goes_off_after_so_many_changes_and_stays_off() throws Exception {
        fake.file("/images/a", new byte[0]);
        OpenedFile file = open("/images/a");
        fake.faults().cutPowerAfter(1);
        label(file, "one");
        assertThatThrownBy(() -> label(file, "two")).isInstanceOf(PowerCut.class);
        assertThatThrownBy(() -> linux.attributes().get(file, LABEL)).isInstanceOf(PowerCut.class);
        String boot = fakeBootIdAfter(Unsynced.KEPT);
        assertThat(fake.label("/images/a")).contains("one");
        assertThat(fake.openDescriptors()).isZero();
        assertThat(boot).isNotEqualTo("00000000-0000-4000-8000-000000000001");
    }

    private String fakeBootIdAfter(Unsynced unsynced) throws LinuxException {
        fake.powerOn(unsynced);
        return linux.processes().bootId();
    }

    @ParameterizedTest
    @EnumSource(Unsynced.class)
    void what_was_not_written_out_is_kept_or_lost(Unsynced unsynced) throws Exception {
        fake.file("/images/a", new byte[0]);
        OpenedFile file = open("/images/a");
        label(file, "one");
        linux.fileSystems().sync(file);
        label(file, "two");
        label(file, "three");
        linux.attributes().remove(file, LABEL);
        fake.powerOn(unsynced);
        assertThat(fake.label("/images/a"))
                .isEqualTo(
                        switch (unsynced) {
                            case KEPT -> Optional.<String>empty();
                            case LOST -> Optional.of("one");
                        });
    }

    @Test
    void names_made_and_removed_but_not_written_out_are_lost_too() throws Exception {
        fake.file("/images/old", new byte[0]);
        FileIdentity old = fake.status("/images/old").orElseThrow().identity();
        assertThat(linux.open().unlinkIfSame(HostPath.of("/images/old"), old)).isTrue();
        linux.open().create(HostPath.of("/images/new"), 0600, 0, 0).close();
        fake.powerOn(Unsynced.LOST);
        assertThat(fake.status("/images/new")).isEmpty();
        assertThat(fake.status("/images/old").orElseThrow().identity()).isEqualTo(old);
    }

    @Test
    void every_point_of_a_series_of_changes_can_be_cut() throws Exception {
        fake.file("/images/a", new byte[0]);
        for (int cut = 0; cut <= 3; cut++) {
            fake.removeAttribute("/images/a", LABEL);
            OpenedFile file = open("/images/a");
            fake.faults().cutPowerAfter(cut);
            int done = 0;
            try {
                for (int i = 1; i <= 3; i++) {
                    label(file, "change " + i);
                    done++;
                }
            } catch (PowerCut e) {
                assertThat(done).isEqualTo(cut);
            }
            assertThat(done).isEqualTo(cut);
            fake.powerOn(Unsynced.KEPT);
            assertThat(fake.label("/images/a")).isEqualTo(cut == 0 ? Optional.empty() : Optional.of("change " + cut));
        }
    }

    @Test
    void something_happens_behind_the_callers_back_just_before_a_call() throws Exception {
        fake.file("/images/a", new byte[0]);
        try (OpenedFile file = open("/images/a")) {
            fake.faults().beforeNext("fgetxattr", () -> fake.setLabel("/images/a", "foreign"));
            assertThat(linux.attributes().get(file, LABEL)).hasValue("foreign\0".getBytes(UTF_8));
        }
    }

    @Test
    void a_replaced_file_is_another_and_the_open_one_stays() throws Exception {
        fake.file("/images/a", new byte[] {1});
        try (OpenedFile file = open("/images/a")) {
            fake.file("/images/a", new byte[] {1, 2});
            label(file, "old");
            assertThat(fake.label("/images/a")).isEmpty();
            try (OpenedFile successor = open("/images/a")) {
                assertThat(successor.identity()).isNotEqualTo(file.identity());
            }
        }
    }

    @Test
    void an_inode_number_is_used_again_with_another_birth_time() {
        fake.file("/images/a", new byte[0]);
        FileIdentity first = fake.status("/images/a").orElseThrow().identity();
        fake.delete("/images/a");
        fake.file("/images/b", new byte[0]);
        FileIdentity second = fake.status("/images/b").orElseThrow().identity();
        assertThat(second.inode()).isEqualTo(first.inode());
        assertThat(second.birth()).isNotEqualTo(first.birth());
    }

    @Test
    void calls_are_recorded_and_changes_counted() throws Exception {
        fake.file("/images/a", new byte[0]);
        try (OpenedFile file = open("/images/a")) {
            label(file, "one");
        }
        assertThat(fake.faults().calls()).extracting(Faults.Call::name).containsExactly("openat2", "fsetxattr");
        assertThat(fake.faults().changes()).isEqualTo(1);
    }

    @Test
    void a_descriptor_sent_is_received_as_another_of_the_same_file() throws Exception {
        fake.file("/images/a", new byte[] {7});
        try (OpenedFile file = open("/images/a");
                SocketChannel one = SocketChannel.open();
                SocketChannel other = SocketChannel.open()) {
            fake.sockets().connect(one, other);
            linux.sockets().send(one, new byte[] {1}, List.of(file.descriptor()));
            Received received = linux.sockets().receive(other, 1);
            assertThat(received.descriptors()).hasSize(1);
            assertThat(received.descriptors().getFirst().number())
                    .isNotEqualTo(file.descriptor().number());
            assertThat(fake.openDescriptors()).isEqualTo(2);
        }
    }

    @Test
    void becoming_a_program_is_recorded() {
        fake.file("/usr/bin/qemu", new byte[0]);
        fake.file("/images/a", new byte[0]);
        try (OpenedFile file = open("/images/a")) {
            assertThatThrownBy(() -> linux.exec()
                            .become(
                                    HostPath.of("/usr/bin/qemu"),
                                    List.of("qemu".getBytes(UTF_8)),
                                    List.of(),
                                    Optional.empty(),
                                    Set.of(file.descriptor())))
                    .isInstanceOf(FakeExec.Became.class);
            assertThat(fake.exec().programs()).hasSize(1);
            assertThat(fake.exec().programs().getFirst().inherited())
                    .containsExactly(file.descriptor().number());
        }
        assertThat(linux.exec().become(HostPath.of("/absent"), List.of(), List.of(), Optional.empty(), Set.of()))
                .isInstanceOf(LinuxException.class);
    }
}
